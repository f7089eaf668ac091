"""Grad-CAM (Selvaraju et al. 2017): where the last feature maps speak for a class."""

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from core.model import network


def target_layer(model: network.Classifier) -> nn.Module | None:
    """The layer whose output is the last stack of feature maps; None for networks that keep none."""
    backbone = model.backbone
    if model.backbone_name.startswith(("swin", "densenet")):  # channels last; changed in place afterwards
        return None
    for name in ("layer4", "features", "trunk_output", "layers", "conv5"):
        if hasattr(backbone, name):
            block: nn.Module = getattr(backbone, name)
            return list(block.children())[-1] if isinstance(block, nn.Sequential) else block
    return None


def maps(model: network.Classifier, x: Tensor, class_index: int) -> Tensor:
    """Where images speak for a class: (N, 3, S, S) normalised -> (N, h, w), 0 or more.

    Each feature map of the target layer is weighted by the mean gradient of the class's logit, summed,
    and cut at 0. Hooks are gone when this returns or fails; parameters' gradients are not touched.
    """
    layer = target_layer(model)
    if layer is None:
        raise ValueError(f"{model.backbone_name} keeps no feature maps")
    with watching(layer) as seen, torch.enable_grad():
        logits = model(x.requires_grad_(True))  # (N, n_classes)
        activations = seen[-1]  # (N, C, h, w)
        (gradients,) = torch.autograd.grad(logits[:, class_index].sum(), activations)
    weights = gradients.mean(dim=(2, 3), keepdim=True)  # (N, C, 1, 1)
    return torch.relu((weights * activations.detach()).sum(dim=1))


@contextlib.contextmanager
def watching(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Collect what `layer` puts out for as long as the block runs, also where it fails."""
    seen: list[Tensor] = []
    handle = layer.register_forward_hook(lambda module, inputs, output: seen.append(output))
    try:
        yield seen
    finally:
        handle.remove()
