"""What augmentation makes of an image, as pixels to look at before anything is trained."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.data import images
from core.model import augment
from core.model.transform import EvalTransform


def views(
    files: Sequence[Path], strength: str, *, image_size: int, count: int, seed: int = 0
) -> list[NDArray[np.uint8]]:
    """Of each file, `count` views as the epochs of a run with that seed would see it.

    Each is (count, image_size, image_size, 3). With strength "none" every view is the image as it is judged.

    Raises:
        ImageError: a file cannot be read.
        ConfigError: there is no such strength.
    """
    transform = EvalTransform.for_size(image_size)
    found = []
    for index, file in enumerate(files):
        square = transform.square(images.decode(file, short_side=transform.resize))  # (R, R, 3)
        squares = torch.from_numpy(square.copy())[None]
        seen = [
            augment.batch(squares, transform, strength, seed=seed, epoch=epoch, indices=[index])
            for epoch in range(1, count + 1)
        ]
        found.append(pixels(torch.cat(seen), transform))
    return found


def pixels(batch: torch.Tensor, transform: EvalTransform) -> NDArray[np.uint8]:
    """Undo the normalisation: (N, 3, S, S) -> (N, S, S, 3) bytes."""
    values = batch.permute(0, 2, 3, 1).numpy() * np.asarray(transform.std) + np.asarray(transform.mean)
    return (values * 255).round().clip(0, 255).astype(np.uint8)
