"""Augmentation of whole batches, each image by chances of its own.

What happens to an image depends on the seed, the epoch and the image's number alone: not on its place
in a batch, the batch's size, or how many processes share the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from core.errors import ConfigError
from core.model import randaugment
from core.model.transform import EvalTransform


@dataclass(frozen=True, kw_only=True)
class Strength:
    """How far an image may be changed.

    `area` is the least share of the image that is kept, `degrees` the greatest turn, `light` the greatest
    relative change of brightness, contrast and saturation, `erase` the chance that a patch is blanked.
    With `random` each image gets RandAugment's changes instead of the last three.
    """

    area: float
    degrees: float = 0.0
    light: float = 0.0
    erase: float = 0.0
    random: bool = False


STRENGTHS: dict[str, Strength | None] = {
    "none": None,
    "light": Strength(area=0.6, light=0.1),
    "strong": Strength(area=0.35, degrees=15.0, light=0.3, erase=0.25),
    "randaugment": Strength(area=0.6, random=True),
}
_N_CHANCES = 14


def check(name: str) -> str:
    """Return `name` if it is a strength of augmentation.

    Raises:
        ConfigError: it is not.
    """
    if name not in STRENGTHS:
        raise ConfigError(f"There is no augmentation {name!r}: choose {', '.join(STRENGTHS)}.")
    return name


def batch(
    squares: Tensor, transform: EvalTransform, strength: str, *, seed: int, epoch: int, indices: Sequence[int]
) -> Tensor:
    """Augment and normalise: (N, R, R, 3) uint8 -> (N, 3, S, S) float32, on the device of `squares`.

    R is `transform.resize`, S is `transform.image_size`; `indices` are the images' numbers in the
    training set, which, with `seed` and `epoch`, fix what happens to each. With "none" this is exactly
    the transform of evaluation.

    Raises:
        ConfigError: there is no such strength.
    """
    chosen = STRENGTHS[check(strength)]
    if chosen is None:
        return normalise(squares[:, *_middle(transform)], transform)
    chances = torch.from_numpy(draw(seed, epoch, indices)).to(squares.device)  # (N, _N_CHANCES)
    images = normalise(squares, transform)  # (N, 3, R, R)
    placement, own = _placement(chances, chosen), chances[:, 9:13]  # the last are free without erasing
    if chosen.random:
        placement = randaugment.place(placement, own)
    grid = F.affine_grid(placement, [len(images), 3, *[transform.image_size] * 2], align_corners=False)
    images = F.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    if chosen.random:
        return _recolour(images, own, transform)
    return _erase(_relight(images, chances, chosen, transform), chances, chosen)


def shrink(squares: Tensor, side: int) -> Tensor:
    """Scale squares down, smoothed: (N, R, R, 3) uint8 -> (N, side, side, 3) uint8."""
    values = squares.permute(0, 3, 1, 2).float()
    smaller = F.interpolate(values, (side, side), mode="bilinear", antialias=True, align_corners=False)
    return smaller.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)


def normalise(pixels: Tensor, transform: EvalTransform) -> Tensor:
    """(N, H, W, 3) uint8 -> (N, 3, H, W) float32: `EvalTransform.batch`, but in torch."""
    scale = (1 / (255 * np.asarray(transform.std))).astype(np.float32)
    shift = (-np.asarray(transform.mean) / np.asarray(transform.std)).astype(np.float32)
    values = pixels.to(torch.float32) * torch.from_numpy(scale).to(pixels.device)
    values = values + torch.from_numpy(shift).to(pixels.device)
    return values.permute(0, 3, 1, 2)  # channels-last in memory


def draw(seed: int, epoch: int, indices: Sequence[int]) -> NDArray[np.float32]:
    """Chances in [0, 1) for each image: (N, 14), the same for the same seed, epoch and index."""
    rows = [np.random.Generator(np.random.PCG64((seed, epoch, int(i)))).random(_N_CHANCES) for i in indices]
    return np.asarray(rows, dtype=np.float32).reshape(-1, _N_CHANCES)


def _middle(transform: EvalTransform) -> tuple[slice, slice]:
    margin = (transform.resize - transform.image_size) // 2
    return (slice(margin, margin + transform.image_size),) * 2


def _placement(chances: Tensor, strength: Strength) -> Tensor:
    """Which part of the square becomes the image: (N, 2, 3) affine maps from output to input."""
    area = strength.area + (1 - strength.area) * chances[:, 0]
    aspect = torch.exp((chances[:, 1] * 2 - 1) * np.log(4 / 3))
    wide, high = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
    right, down = (chances[:, 2] * 2 - 1) * (1 - wide), (chances[:, 3] * 2 - 1) * (1 - high)
    mirror = torch.where(chances[:, 4] < 0.5, -1.0, 1.0)
    turn = torch.deg2rad((chances[:, 5] * 2 - 1) * strength.degrees)
    cos, sin = turn.cos(), turn.sin()
    rows = [mirror * wide * cos, -high * sin, right, mirror * wide * sin, high * cos, down]
    return torch.stack(rows, dim=1).view(-1, 2, 3)


def _relight(images: Tensor, chances: Tensor, strength: Strength, transform: EvalTransform) -> Tensor:
    """Change brightness, contrast and saturation of normalised images, in that order."""
    if not strength.light:
        return images
    factors = 1 + (chances[:, 6:9] * 2 - 1) * strength.light  # (N, 3)
    bright, contrast, saturation = (factors[:, i].view(-1, 1, 1, 1) for i in range(3))
    black = torch.tensor(
        [-m / s for m, s in zip(transform.mean, transform.std, strict=True)], device=images.device
    )
    black = black.view(1, 3, 1, 1)
    images = (images - black) * bright + black
    images = (images - images.mean((1, 2, 3), keepdim=True)) * contrast + images.mean((1, 2, 3), keepdim=True)
    grey = images.mean(1, keepdim=True)
    return (images - grey) * saturation + grey


def _recolour(images: Tensor, chances: Tensor, transform: EvalTransform) -> Tensor:
    """RandAugment's changes of colour, on normalised images."""
    mean, std = (images.new_tensor(three).view(1, 3, 1, 1) for three in (transform.mean, transform.std))
    return (randaugment.recolour((images * std + mean).clamp(0, 1), chances) - mean) / std


def _erase(images: Tensor, chances: Tensor, strength: Strength) -> Tensor:
    """Blank a rectangle of up to a third of each side, to the mean colour, in some images."""
    if not strength.erase:
        return images
    size = images.shape[-1]
    place = torch.arange(size, device=images.device).view(1, -1) / size  # (1, S)
    high, wide = chances[:, 10:11] / 3, chances[:, 11:12] / 3
    top, left = chances[:, 12:13] * (1 - high), chances[:, 13:14] * (1 - wide)
    rows = (place >= top) & (place < top + high)
    columns = (place >= left) & (place < left + wide)
    chosen = (chances[:, 9] < strength.erase).view(-1, 1, 1)
    return images.masked_fill((rows[:, :, None] & columns[:, None, :] & chosen)[:, None], 0.0)
