"""MixUp and CutMix: images and labels blended in pairs.

The partner of an image is the next one in the batch of all processes together, and how much of it is taken
depends on the seed, the epoch and the image's number alone: not on the parts a batch is cut into, nor on how
many processes share it.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

ALPHA = {"mixup": 0.2, "cutmix": 1.0}
"""The shares' Beta distribution: mostly one image (Zhang et al., 2018); evenly spread (Yun et al., 2019)."""
_STREAM = 5  # tells these chances from those of augmentation
Load = Callable[[NDArray[np.int64]], tuple[Tensor, Tensor]]


def partners(batch: NDArray[np.int64]) -> dict[int, int]:
    """The partner of each image of a batch, by their numbers: the next one, the first one's for the last."""
    return dict(zip(batch.tolist(), np.roll(batch, -1).tolist(), strict=True))


def blend(
    kind: str,
    numbers: NDArray[np.int64],
    partner_of: dict[int, int],
    load: Load,
    *,
    n_classes: int,
    seed: int,
    epoch: int,
) -> tuple[Tensor, Tensor]:
    """The images `numbers` blended with their partners, (n, 3, S, S), and each class's share (n, n_classes).

    `load` gives images and labels (n,) by number; a partner that is among `numbers` is not loaded again.
    """
    others = np.array([partner_of[number] for number in numbers.tolist()], dtype=np.int64)
    needed = np.concatenate([numbers, np.setdiff1d(others, numbers)])
    images, labels = load(needed)
    place = {number: i for i, number in reversed(list(enumerate(needed.tolist())))}
    theirs = torch.tensor([place[number] for number in others.tolist()], device=images.device)
    mine = slice(0, len(numbers))
    keep, boxes = draw(kind, seed, epoch, numbers.tolist(), images.shape[-1])
    share = torch.from_numpy(keep).to(images.device)  # (n,)
    if kind == "mixup":
        mixed = torch.lerp(images[theirs], images[mine], share.view(-1, 1, 1, 1))
    else:
        mixed = torch.where(_inside(boxes, images), images[theirs], images[mine])
    hot = F.one_hot(labels, n_classes).float()
    return mixed, torch.lerp(hot[theirs], hot[mine], share[:, None])


def draw(
    kind: str, seed: int, epoch: int, numbers: Sequence[int], side: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The share that each image keeps, (n,), and for CutMix the pasted box (n, 4): top, bottom, left, right.

    A box is cut off at the edges, and what is left of it counts.
    """
    kept, boxes = [], []
    for number in numbers:
        chance = np.random.Generator(np.random.PCG64((seed, epoch, int(number), _STREAM)))
        share = chance.beta(ALPHA[kind], ALPHA[kind])
        half = side * np.sqrt(1 - share) / 2
        middle = chance.random(2) * side
        edges = np.concatenate([middle - half, middle + half]).round().clip(0, side).astype(np.int64)
        box = edges[[0, 2, 1, 3]]
        area = (box[1] - box[0]) * (box[3] - box[2]) / side**2
        kept.append(share if kind == "mixup" else 1 - area)
        boxes.append(box)
    return np.array(kept, np.float32), np.array(boxes, np.int64).reshape(-1, 4)


def _inside(boxes: NDArray[np.int64], images: Tensor) -> Tensor:
    """(n, 1, S, S): which pixels lie in each image's box."""
    top, bottom, left, right = torch.from_numpy(boxes).to(images.device)[:, :, None].unbind(1)  # each (n, 1)
    line = torch.arange(images.shape[-1], device=images.device)[None]
    rows, columns = (line >= top) & (line < bottom), (line >= left) & (line < right)
    return (rows[:, :, None] & columns[:, None, :])[:, None]
