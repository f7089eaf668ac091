"""Whether "90 % sure" is right 9 times in 10: temperature scaling and the reliability of probabilities."""

import dataclasses
from typing import Any

import numpy as np

from core.metrics import intervals, scores
from core.metrics.scores import Floats, Ints

COLDEST, HOTTEST = 0.05, 20.0
MIN_FIT = 20
"""Images below which no temperature is fitted: it would say more about them than about the model."""
BINS = 15


def fit_temperature(true: Ints, logits: Floats, *, tolerance: float = 1e-10) -> float:
    """The temperature that makes the true labels most likely (Guo et al. 2017), in [0.05, 20].

    `true` is (n_images,), `logits` (n_images, n_classes); both of the validation subset. One pseudo-image is
    judged with them, as in the intervals: an average one, half of it as answered and half the runner-up. It
    holds back a flawless subset, whose likelihood would grow for ever: n right of n then means about
    1 - 1 / (2 n + 2). With ordinary mistakes it moves the temperature by less than 1 % from 500 images on.

    The loss is convex in 1 / temperature, so Newton's steps, held inside a shrinking bracket, find the one
    minimum. With fewer than 20 images, or one class, the answer is 1.
    """
    n = len(true)
    if n < MIN_FIT or logits.shape[1] < 2:
        return 1.0
    shifted = logits - logits.max(axis=1, keepdims=True)
    runner_up = np.partition(shifted, -2, axis=1)[:, -2]
    target = (shifted[np.arange(n), true].sum() + runner_up.mean() / 2) / (n + 1)
    few = slice(None, None, max(1, n // 2000))  # a good start costs a fraction of the way
    beta = _coldness(shifted[few], target, 1.0, tolerance=1e-3)
    return 1 / _coldness(shifted, target, beta, tolerance=tolerance)


def _coldness(shifted: Floats, target: float, beta: float, *, tolerance: float) -> float:
    """The 1 / temperature at which the expected score is `target`, sought from `beta` on."""
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _ in range(60):
        expected, bend = _expected_and_bend(shifted, beta)
        slope = expected - target
        low, high = (beta, high) if slope < 0 else (low, beta)
        step = beta - slope / bend if bend > 0 else np.inf
        following = step if low < step < high else (low + high) / 2
        if abs(following - beta) < tolerance * beta:
            return float(following)
        beta = following
    return float(beta)


def _expected_and_bend(shifted: Floats, beta: float) -> tuple[float, float]:
    """The mean expected score at beta = 1 / temperature, and how fast it rises with beta."""
    weight = np.exp(beta * shifted)
    total = weight.sum(axis=1)
    weight *= shifted
    first = weight.sum(axis=1) / total
    second = np.einsum("ij,ij->i", weight, shifted) / total
    return float(first.mean()), float((second - first**2).mean())


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reliability:
    """Images sorted into bins by the probability of their answer; every field is (n_bins,).

    edges:      (n_bins + 1,) of equal width from 0 to 1; a bin holds its upper edge, not its lower.
    count:      images in the bin.
    confidence: mean probability of the answer; accuracy: share of right answers. NaN in an empty bin.
    low, high:  Wilson's interval of the accuracy; of as many images as they are worth where groups are known.
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


def reliability(true: Ints, shares: Floats, *, bins: int = BINS, groups: Ints | None = None) -> Reliability:
    """Bin the answers of highest probability; `shares` is (n_images, n_classes), rows summing to 1.

    groups: (n_images,) integers, or None.
    """
    predicted = shares.argmax(axis=1)
    confidence = shares[np.arange(len(true)), predicted]
    right = (predicted == true).astype(np.float64)
    edges, place = _bins(confidence, bins)
    count = np.bincount(place, minlength=bins)
    hits = np.bincount(place, right, bins)
    worth = intervals.design_effect(right, groups)
    low, high = intervals.wilson(hits / worth, count / worth)
    return Reliability(
        edges=edges,
        count=count,
        confidence=scores.divide(np.bincount(place, confidence, bins), count),
        accuracy=scores.divide(hits, count),
        low=low,
        high=high,
    )


def _bins(confidence: Floats, bins: int) -> tuple[Floats, Ints]:
    """The edges (n_bins + 1,), and the bin of each image (n_images,)."""
    edges = np.linspace(0, 1, bins + 1)
    return edges, np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)


def chance_error(
    true: Ints, shares: Floats, *, bins: int = BINS, groups: Ints | None = None, draws: int = 1000
) -> tuple[float, float]:
    """The calibration error that perfectly calibrated probabilities would show: its mean and 95th percentile.

    So few images never fit their probabilities exactly, and the error counts every gap: it is above 0 by
    chance alone. Answers are drawn right as often as their probability says (a bin's right answers are taken
    as normal beyond 500 images); with groups, whose images go right or wrong together, the gaps are as much
    wider as theirs really are.
    """
    confidence = shares.max(axis=1)
    _, place = _bins(confidence, bins)
    random = np.random.default_rng(0)
    if len(true) <= 500 and groups is None:
        gaps = (random.random((draws, len(true))) < confidence) - confidence
        gaps = gaps @ np.eye(bins)[place]  # (draws, n_bins)
    else:
        right = (shares.argmax(axis=1) == true).astype(np.float64)
        worth = intervals.design_effect(right - confidence, groups)
        spread = np.bincount(place, confidence * (1 - confidence), bins) * worth
        gaps = random.normal(size=(draws, bins)) * np.sqrt(spread)
    errors = np.abs(gaps).sum(axis=1) / len(true)
    return float(errors.mean()), float(np.quantile(errors, 0.95))


def figures(
    sample: intervals.Sample, logits: Floats, *, fitted_on: tuple[Ints, Floats] | None
) -> dict[str, Any]:
    """The temperature fitted on (labels, logits), and the calibration error and log loss before and after it.

    Beside each error what perfectly calibrated probabilities would show on so few images: "expected", the
    mean, and "limit", exceeded by chance 5 times in 100. (The error has no honest interval: it is biased
    upwards, the more the fewer the images.) Without `fitted_on` the temperature is 1.
    """
    temperature = 1.0 if fitted_on is None else fit_temperature(*fitted_on)
    enough = fitted_on is not None and len(fitted_on[0]) >= MIN_FIT
    found: dict[str, Any] = {"temperature": temperature, "fitted": enough}
    for when, heat in (("before", 1.0), ("after", temperature)):
        shares = scores.probabilities(logits, heat)
        expected, limit = chance_error(sample.true, shares, groups=sample.groups)
        found[f"log_loss_{when}"] = float(scores.losses(sample.true, logits, heat).mean())
        found[f"ece_{when}"] = reliability(sample.true, shares).error
        found |= {f"ece_{when}_expected": expected, f"ece_{when}_limit": limit}
    return found
