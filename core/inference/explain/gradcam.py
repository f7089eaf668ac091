"""Grad-CAM (Selvaraju et al. 2017): where the last feature maps speak for a class."""

import copy

import torch
from torch import Tensor, nn

from core.model import network


class Watched(nn.Module):
    """A layer that remembers what it put out last."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.seen: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """What the layer makes of `x`."""
        self.seen = self.layer(x)
        return self.seen


def target_path(model: network.Classifier) -> tuple[str, ...] | None:
    """Names down to the layer that puts out the last feature maps; None for networks that keep none."""
    if model.backbone_name.startswith(("swin", "densenet")):  # channels last; changed in place afterwards
        return None
    for name in ("layer4", "features", "trunk_output", "layers", "conv5"):
        block = getattr(model.backbone, name, None)
        if isinstance(block, nn.Sequential):
            return "backbone", name, list(block._modules)[-1]
        if isinstance(block, nn.Module):
            return "backbone", name
    return None


def target_layer(model: network.Classifier) -> nn.Module | None:
    """The layer at `target_path`."""
    path = target_path(model)
    return None if path is None else model.get_submodule(".".join(path))


def maps(model: network.Classifier, x: Tensor, class_index: int) -> Tensor:
    """Where images speak for a class: (N, 3, S, S) normalised -> (N, h, w), 0 or more.

    Each feature map of the target layer is weighted by the mean gradient of the class's logit, summed,
    and cut at 0. The model is left alone, parameters' gradients included, so that it may answer and
    explain in other threads meanwhile.
    """
    path = target_path(model)
    if path is None:
        raise ValueError(f"{model.backbone_name} keeps no feature maps")
    twin, layer = watched(model, path)
    with torch.enable_grad():
        logits = twin(x.detach().requires_grad_(True))  # (N, n_classes)
        activations = layer.seen  # (N, C, h, w)
        assert activations is not None  # the target layer is on every network's way
        (gradients,) = torch.autograd.grad(logits[:, class_index].sum(), activations)
    weights = gradients.mean(dim=(2, 3), keepdim=True)  # (N, C, 1, 1)
    return torch.relu((weights * activations.detach()).sum(dim=1))


def watched(model: nn.Module, path: tuple[str, ...]) -> tuple[nn.Module, Watched]:
    """A twin of `model` with the layer at `path` watched, and that layer; all weights are shared.

    Only the modules on the path are copied, without their contents. A hook would do on one thread, but it
    would watch every other thread's images too.
    """
    if not path:
        layer = Watched(model)
        return layer, layer
    twin = copy.copy(model)
    twin._modules = dict(model._modules)
    part, layer = watched(model.get_submodule(path[0]), path[1:])
    twin._modules[path[0]] = part
    return twin, layer
