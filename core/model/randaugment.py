"""RandAugment (Cubuk et al., 2020): of ten kinds of change, two for each image, each by a chance amount.

Batched: changes of place become part of the one resampling that augmentation does anyway, changes of colour
are computed for all images that drew the same kind at once. What an image becomes depends on its own chances
alone. The strongest amounts are half of the paper's strongest.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

OPERATIONS = 2
PLACES = ("turn", "shear x", "shear y", "shift x", "shift y")
COLOURS = ("brightness", "contrast", "saturation", "sharpness", "posterise")
KINDS = (*PLACES, *COLOURS)
MOST_DEGREES, MOST_SHEAR, MOST_SHIFT, MOST_LIGHT, FEWEST_BITS = 15.0, 0.15, 0.15, 0.45, 4
GREY = (0.2989, 0.587, 0.114)
"""What red, green and blue count in an image's lightness (ITU-R BT.601)."""


def kinds(chances: Tensor) -> Tensor:
    """Which of `KINDS` each image gets, in order: (N, OPERATIONS).

    `chances` (N, 2 * OPERATIONS) in [0, 1) are a kind and an amount for each operation.
    """
    return (chances[:, 0::2] * len(KINDS)).long()


def place(placement: Tensor, chances: Tensor) -> Tensor:
    """Turn, shear and shift what `placement` (N, 2, 3) cuts out: again (N, 2, 3), from output to input."""
    for kind, amount in zip(kinds(chances).unbind(1), _amounts(chances).unbind(1), strict=True):
        placement = placement @ _moves(kind, amount)
    return placement


def recolour(images: Tensor, chances: Tensor) -> Tensor:
    """Change the colours of images in [0, 1]: (N, 3, H, W) -> the same."""
    images = images.clone()
    for kind, amount in zip(kinds(chances).unbind(1), _amounts(chances).unbind(1), strict=True):
        for number, name in enumerate(COLOURS, start=len(PLACES)):
            rows = (kind == number).nonzero()[:, 0]
            if len(rows):
                images[rows] = CHANGES[name](images[rows], amount[rows].view(-1, 1, 1, 1)).clamp(0, 1)
    return images


def _amounts(chances: Tensor) -> Tensor:
    """(N, OPERATIONS), from -1 to 1."""
    return chances[:, 1::2] * 2 - 1


def _moves(kind: Tensor, amount: Tensor) -> Tensor:
    """(N, 3, 3) affine maps: the identity for images that drew a colour."""
    zero, one = torch.zeros_like(amount), torch.ones_like(amount)
    turn = torch.deg2rad(torch.where(kind == 0, amount * MOST_DEGREES, zero))
    across, down = (torch.where(kind == number, amount * MOST_SHEAR, zero) for number in (1, 2))
    right, low = (torch.where(kind == number, amount * 2 * MOST_SHIFT, zero) for number in (3, 4))  # of -1..1
    cos, sin = turn.cos(), turn.sin()
    return torch.stack([cos, across - sin, right, down + sin, cos, low, zero, zero, one], 1).view(-1, 3, 3)


def brightness(images: Tensor, amount: Tensor) -> Tensor:
    """Lighter or darker; `amount` (N, 1, 1, 1) from -1 to 1, as for the others."""
    return images * (1 + amount * MOST_LIGHT)


def contrast(images: Tensor, amount: Tensor) -> Tensor:
    """Away from, or towards, the mean lightness of the image."""
    return _away(images, _lightness(images).mean((1, 2, 3), keepdim=True), amount)


def saturation(images: Tensor, amount: Tensor) -> Tensor:
    """Away from, or towards, grey."""
    return _away(images, _lightness(images), amount)


def sharpness(images: Tensor, amount: Tensor) -> Tensor:
    """Away from, or towards, the image smoothed by its neighbours; the outermost pixels stay."""
    smooth = images.clone()
    inside = F.avg_pool2d(images, 3, stride=1)
    smooth[..., 1:-1, 1:-1] = (9 * inside + 4 * images[..., 1:-1, 1:-1]) / 13  # Pillow's SMOOTH
    return _away(images, smooth, amount)


def posterise(images: Tensor, amount: Tensor) -> Tensor:
    """Fewer levels in each channel: 8 bits down to 4."""
    step = 2 ** (amount.abs() * (8 - FEWEST_BITS + 1)).floor().clamp(max=8 - FEWEST_BITS)
    return ((images * 255).round() / step).floor() * step / 255


def _away(images: Tensor, centre: Tensor, amount: Tensor) -> Tensor:
    return centre + (images - centre) * (1 + amount * MOST_LIGHT)


def _lightness(images: Tensor) -> Tensor:
    weights = images.new_tensor(GREY).view(1, 3, 1, 1)
    return (images * weights).sum(1, keepdim=True)  # (N, 1, H, W)


CHANGES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "brightness": brightness,
    "contrast": contrast,
    "saturation": saturation,
    "sharpness": sharpness,
    "posterise": posterise,
}
