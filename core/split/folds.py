"""Folds for cross-validation, by which quick mode and the forecast judge: classes spread, groups whole."""

import numpy as np

from core.errors import SplitError


def assign(labels: np.ndarray, groups: np.ndarray, *, folds: int, seed: int) -> np.ndarray:
    """A fold for each image, (n_images,) from 0: classes spread evenly, images of a group together.

    `labels` (n_images,) are class indices, `groups` (n_images,) names. There are at most as many folds as the
    smallest class has groups, and at least two; the same seed gives the same folds.

    Raises:
        SplitError: fewer than 2 folds were asked for.
    """
    if folds < 2:
        raise SplitError(f"Cross-validation needs at least 2 folds; found {folds}.")
    chance = np.random.Generator(np.random.PCG64((seed, 2)))
    _, codes = np.unique(groups.astype(str), return_inverse=True)
    smallest = min(len(np.unique(codes[labels == label])) for label in np.unique(labels))
    n_folds = max(2, min(folds, smallest))
    counts = np.zeros((n_folds, labels.max() + 1))  # images of each class in each fold
    chosen = np.zeros(len(labels), np.int64)
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    for group in sorted(chance.permutation(len(members)), key=lambda code: -len(members[code])):
        own = np.bincount(labels[members[group]], minlength=counts.shape[1])
        fold = int(np.lexsort((counts.sum(1), counts @ (own > 0)))[0])
        chosen[members[group]] = fold
        counts[fold] += own
    return chosen
