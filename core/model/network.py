"""The lesson's network: a pretrained backbone, flatten, and one linear head."""

import warnings
from collections.abc import Iterator

import torch
import torchvision
from torch import Tensor, nn

from core.errors import ConfigError
from core.model import catalog

_MOST_STAGES = 5


class Classifier(nn.Module):
    """An image classifier: `backbone -> flatten -> Linear(n_features, n_classes)`.

    `backbone` is torchvision's network with its last `Linear` replaced by `Identity`, so that
    torchvision's own names, and thus its weight files, still fit.

    Raises:
        ConfigError: the backbone is unknown, or the image size does not suit it.
    """

    def __init__(self, backbone_name: str, n_classes: int, image_size: int = 224) -> None:
        super().__init__()
        catalog.check_image_size(backbone_name, image_size)
        if n_classes < 1:
            raise ConfigError(f"A classifier needs at least one class, not {n_classes}.")
        self.backbone_name = backbone_name
        self.image_size = image_size
        self.backbone, self.head_name, n_features = _headless(backbone_name, image_size)
        self.flatten = nn.Flatten(start_dim=1)
        self.classifier = nn.Linear(n_features, n_classes)

    def features(self, x: Tensor) -> Tensor:
        """What the backbone sees: (N, 3, H, W) normalised images -> (N, n_features)."""
        return self.flatten(self.backbone(x))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) normalised images -> (N, n_classes) logits."""
        return self.classifier(self.features(x))


def stages(model: Classifier) -> list[list[nn.Parameter]]:
    """The parameters from stem to head: at most five stages of the backbone, then the head.

    A ResNet gives stem, layer1 ... layer4, head: what is frozen or slowed down first comes first.
    """
    blocks: dict[str, list[nn.Parameter]] = {}
    for name, parameter in model.backbone.named_parameters():
        blocks.setdefault(_block(name), []).append(parameter)
    merged = _merge(list(blocks.values()), _MOST_STAGES)
    return [*merged, list(model.classifier.parameters())]


def _headless(name: str, image_size: int) -> tuple[nn.Module, str, int]:
    """torchvision's network without its last Linear, that Linear's name, and its inputs."""
    sized = {"image_size": image_size} if catalog.stride(name) > 1 else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torchvision's own, about initialisation
        network = torchvision.models.get_model(name, weights=None, **sized)
    head_name, head = list(_linears(network))[-1]
    parent = network.get_submodule(head_name.rpartition(".")[0])
    setattr(parent, head_name.rpartition(".")[2], nn.Identity())
    return network, head_name, head.in_features


def _linears(network: nn.Module) -> Iterator[tuple[str, nn.Linear]]:
    return ((name, module) for name, module in network.named_modules() if isinstance(module, nn.Linear))


def _block(name: str) -> str:
    """The block of layers that a parameter belongs to, in the order in which images meet them."""
    parts = name.split(".")
    if parts[0] in ("features", "layers", "trunk_output") and len(parts) > 1:
        return f"{parts[0]}.{parts[1]}"
    if parts[:2] == ["encoder", "layers"]:
        return parts[2]
    return "stem" if parts[0] in ("conv1", "bn1", "stem", "class_token", "conv_proj") else parts[0]


def _merge(blocks: list[list[nn.Parameter]], most: int) -> list[list[nn.Parameter]]:
    """Join neighbouring blocks so that at most `most` remain, about equally many in each."""
    count = min(most, len(blocks))
    merged: list[list[nn.Parameter]] = [[] for _ in range(count)]
    for i, block in enumerate(blocks):
        merged[i * count // len(blocks)].extend(block)
    return merged


@torch.no_grad()
def logits(model: Classifier, features: Tensor) -> Tensor:
    """The head alone: (N, n_features) -> (N, n_classes)."""
    return model.classifier(features)
