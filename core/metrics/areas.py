"""How sure the mean areas over all classes are: images (or groups) weighted at random, ranked once."""

import numpy as np

from core.metrics import intervals, scores
from core.metrics.scores import Floats, Ints

DRAWS = 400
MOST = 150_000_000
"""Draws x images x classes up to which resampling takes seconds; beyond it the bound below is used."""


def macro(
    true: Ints, shares: Floats, groups: Ints | None, *, draws: int = DRAWS, seed: int = 0
) -> tuple[intervals.Interval, intervals.Interval] | None:
    """Intervals of mean average precision and mean ROC AUC over the classes that have both kinds of image.

    shares: (n_images, n_classes). groups: (n_images,) integers, or None. None where there are too many images
    and classes to resample, or no class has both an image and a counter-example.
    """
    kept = [k for k in range(shares.shape[1]) if 0 < (true == k).sum() < len(true)]
    if not kept or draws * shares[:, kept].size > MOST:
        return None
    units = np.arange(len(true)) if groups is None else groups
    weights = np.random.default_rng(seed).standard_exponential((draws, int(units.max()) + 1))[:, units]
    for k in np.unique(true):  # stratified: every class keeps its size
        weights[:, true == k] *= (true == k).sum() / weights[:, true == k].sum(axis=1, keepdims=True)
    found = np.array([_weighted(true == k, shares[:, k], weights) for k in kept])  # (n_classes, 2, draws)
    low, high = intervals.bounds(found.mean(axis=0).T)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _weighted(positive: np.ndarray, share: Floats, weights: Floats) -> Floats:
    """Average precision and AUC under each row of `weights` (draws, n_images): (2, draws)."""
    order = np.argsort(-share, kind="stable")
    last = np.flatnonzero(np.r_[np.diff(share[order]) != 0, True])  # equally probable images go together
    heavy = weights[:, order]
    hits = np.cumsum(heavy * positive[order], axis=1)[:, last]
    everyone = np.cumsum(heavy, axis=1)[:, last]
    gained = np.diff(hits, axis=1, prepend=0.0)
    alarms = everyone - hits
    risen = np.diff(alarms, axis=1, prepend=0.0)
    precision = (gained * scores.divide(hits, everyone)).sum(axis=1) / hits[:, -1]
    area = (risen * (hits - gained / 2)).sum(axis=1) / (hits[:, -1] * alarms[:, -1])
    return np.stack([precision, area])


def bound(pairs: list[intervals.Interval]) -> intervals.Interval:
    """The mean of the classes' own ends: wide enough whatever the classes have in common."""
    low, high = np.array(pairs).T
    return float(low.mean()), float(high.mean())
