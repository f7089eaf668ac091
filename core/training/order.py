"""Which image comes when: a function of seed and epoch alone, so that any run can be taken up anywhere."""

import numpy as np


def of_epoch(labels: np.ndarray, *, seed: int, epoch: int, balance: str = "none") -> np.ndarray:
    """The positions of one epoch's training images, in order: (n_images,) int64, from `labels` (same shape).

    With "sampler" every class comes equally often: images of small classes repeat, those of large ones
    take turns over the epochs. Otherwise each image comes once.
    """
    chance = np.random.Generator(np.random.PCG64((seed, epoch, 1)))
    if balance != "sampler":
        return chance.permutation(len(labels))
    classes = np.unique(labels)
    quota = -(-len(labels) // len(classes))
    picked = [_repeated(np.flatnonzero(labels == label), quota, chance) for label in classes]
    return chance.permutation(np.concatenate(picked))[: len(labels)]


def _repeated(members: np.ndarray, quota: int, chance: np.random.Generator) -> np.ndarray:
    """`quota` of the members: whole rounds first, then a part of one."""
    rounds = [chance.permutation(members) for _ in range(-(-quota // len(members)))]
    return np.concatenate(rounds)[:quota]


def numbered(order: np.ndarray, n: int) -> np.ndarray:
    """Tell the times apart that an image comes: its position, below `n`, plus `n` for each time before.

    Augmentation goes by this number, so that an image that is repeated is not repeated alike.
    """
    ranked = np.argsort(order, kind="stable")
    positions = order[ranked]
    before = np.empty_like(order)
    before[ranked] = np.arange(len(order)) - np.searchsorted(positions, positions)
    return order + n * before


def batches(order: np.ndarray, size: int) -> list[np.ndarray]:
    """Cut `order` into batches of `size`; a single image left over joins the batch before it.

    BatchNorm cannot be trained on one image alone.
    """
    cuts = list(range(size, len(order), size))
    if cuts and len(order) - cuts[-1] == 1 and size > 1:
        cuts.pop()
    return np.split(order, cuts)
