"""Whether "90 % sure" is right 9 times in 10: temperature scaling and the reliability of probabilities."""

import dataclasses

import numpy as np

from core.metrics import intervals, scores
from core.metrics.scores import Floats, Ints

COLDEST, HOTTEST = 0.05, 20.0
MIN_FIT = 20
"""Images below which no temperature is fitted: it would say more about them than about the model."""
BINS = 15


def fit_temperature(true: Ints, logits: Floats, *, tolerance: float = 1e-10) -> float:
    """The temperature that makes the true labels most likely (Guo et al. 2017), in [0.05, 20].

    `true` is (n_images,), `logits` (n_images, n_classes); both of the validation subset. The loss is convex
    in 1 / temperature, so Newton's steps, held inside a shrinking bracket, find the one minimum.
    With fewer than 20 images, or one class, the answer is 1.
    """
    if len(true) < MIN_FIT or logits.shape[1] < 2:
        return 1.0
    shifted = logits - logits.max(axis=1, keepdims=True)
    picked = shifted[np.arange(len(true)), true]
    few = slice(None, None, max(1, len(true) // 2000))  # a good start costs a fraction of the way
    beta = _coldness(shifted[few], picked[few], 1.0, tolerance=1e-3)
    return 1 / _coldness(shifted, picked, beta, tolerance=tolerance)


def _coldness(shifted: Floats, picked: Floats, beta: float, *, tolerance: float) -> float:
    """The best 1 / temperature, sought from `beta` on."""
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _ in range(60):
        slope, bend = _slope_and_bend(shifted, picked, beta)
        low, high = (beta, high) if slope < 0 else (low, beta)
        step = beta - slope / bend if bend > 0 else np.inf
        following = step if low < step < high else (low + high) / 2
        if abs(following - beta) < tolerance * beta:
            return float(following)
        beta = following
    return float(beta)


def _slope_and_bend(shifted: Floats, picked: Floats, beta: float) -> tuple[float, float]:
    """First and second derivative of the mean loss by beta = 1 / temperature."""
    weight = np.exp(beta * shifted)
    total = weight.sum(axis=1)
    weight *= shifted
    first = weight.sum(axis=1) / total
    second = np.einsum("ij,ij->i", weight, shifted) / total
    return float((first - picked).mean()), float((second - first**2).mean())


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reliability:
    """Images sorted into bins by the probability of their answer; every field is (n_bins,).

    edges:      (n_bins + 1,) of equal width from 0 to 1; a bin holds its upper edge, not its lower.
    count:      images in the bin.
    confidence: mean probability of the answer; accuracy: share of right answers. NaN in an empty bin.
    low, high:  Wilson's interval of the accuracy.
    """

    edges: Floats
    count: Ints
    confidence: Floats
    accuracy: Floats
    low: Floats
    high: Floats

    @property
    def error(self) -> float:
        """Expected calibration error (Naeini et al. 2015): mean gap, weighted by images; 0 is perfect."""
        gap = np.abs(np.nan_to_num(self.confidence - self.accuracy))
        return float((gap * self.count).sum() / self.count.sum())


def reliability(true: Ints, shares: Floats, *, bins: int = BINS) -> Reliability:
    """Bin the answers of highest probability; `shares` is (n_images, n_classes), rows summing to 1."""
    predicted = shares.argmax(axis=1)
    confidence = shares[np.arange(len(true)), predicted]
    right = (predicted == true).astype(np.float64)
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    hits = np.bincount(place, right, bins)
    low, high = intervals.wilson(hits, count)
    return Reliability(
        edges=edges,
        count=count,
        confidence=scores.divide(np.bincount(place, confidence, bins), count),
        accuracy=scores.divide(hits, count),
        low=low,
        high=high,
    )
