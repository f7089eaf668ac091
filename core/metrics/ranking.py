"""How well a class's probability ranks its images before all others: curves, and the areas under them."""

import dataclasses

import numpy as np

from core.metrics.scores import Floats, Ints


@dataclasses.dataclass(frozen=True, kw_only=True)
class Curve:
    """Precision-recall and ROC of one class against the rest, one point per distinct threshold.

    thresholds: (n_points,) falling; an image counts as found from its threshold on.
    precision, recall, false_positive_rate: (n_points,) each in [0, 1]; recall is the true positive rate.
    """

    thresholds: Floats
    precision: Floats
    recall: Floats
    false_positive_rate: Floats


@dataclasses.dataclass(frozen=True, kw_only=True)
class Areas:
    """One class against the rest; a figure is NaN where positives (or, for `auc`, negatives) are missing.

    average_precision: the mean, over the positives, of the precision at each one's threshold.
    others_precision:  the same with no positive counting itself (1 where nothing else is left).
    auc:               the share of (positive, negative) pairs in the right order, ties counting half.
    pulls:             (2, n_images): how much average precision and `auc` would rise per unit of weight more
                       on each image, the number of positives and of negatives staying what it is. DeLong et
                       al. (1988) call the second its structural components; their spread is the figure's.
    """

    average_precision: float
    others_precision: float
    auc: float
    pulls: Floats


def areas(positive: np.ndarray, scores: Floats) -> Areas:
    """Average precision and ROC AUC of `scores` (n_images,) for the boolean `positive` (n_images,)."""
    p, n = int(positive.sum()), len(positive) - int(positive.sum())
    if p == 0:
        nothing = np.full((2, n), np.nan)
        return Areas(average_precision=np.nan, others_precision=np.nan, auc=np.nan, pulls=nothing)
    values, same = np.unique(scores[positive], return_counts=True)  # the distinct positives, rising
    place = _not_above(values, scores)  # of each image: distinct positives not above it, (n_images,)
    mine = place[positive] - 1
    tied = np.flatnonzero((place > 0) & (values[place - 1] == scores) & ~positive)
    ties = np.bincount(place[tied], minlength=len(values) + 1)
    positives = np.r_[same[::-1].cumsum()[::-1], 0]  # from each distinct positive on, itself included
    everyone = np.bincount(place, minlength=len(values) + 1)[::-1].cumsum()[::-1][1:]  # likewise
    negatives = everyone - positives[:-1]
    precision = positives[:-1] / everyone
    others = np.divide(positives[:-1] - 1, everyone - 1, out=np.ones(len(values)), where=everyone > 1)
    lifted = np.r_[0, (same * negatives / everyone**2).cumsum()]  # by one more positive at or above
    lowered = np.r_[0, (same * positives[:-1] / everyone**2).cumsum()]  # by one more negative
    with np.errstate(invalid="ignore", divide="ignore"):
        wins = (n - negatives + ties[1:] / 2) / np.float64(n)  # negatives beaten by each positive, a tie half
        pulls = np.stack([-lowered / p, positives / p / np.float64(n)])[:, place]
        pulls[1, tied] += same[place[tied] - 1] / 2 / p / n
    pulls[:, positive] = np.stack([precision[mine] + lifted[mine + 1], wins[mine]]) / p
    return Areas(
        average_precision=float(same @ precision / p),
        others_precision=float(same @ others / p),
        auc=float(same @ wins / p),
        pulls=pulls,
    )


def _not_above(values: Floats, scores: Floats) -> Ints:
    """How many of the rising `values` do not exceed each score; sorted first, which is much faster."""
    order = np.argsort(scores)
    place = np.empty(len(scores), dtype=np.int64)
    place[order] = np.searchsorted(values, scores[order], side="right")
    return place


def curve(positive: np.ndarray, scores: Floats) -> Curve:
    """The points of both curves; rates without positives (or negatives) are NaN.

    `positive` is boolean, `scores` in any unit; both (n_images,).
    """
    order = np.argsort(-scores, kind="stable")
    ordered, hit = scores[order], positive[order]
    last = np.flatnonzero(np.r_[np.diff(ordered) != 0, True])  # one point per distinct score
    found = np.cumsum(hit)[last]
    taken = last + 1
    n_positive, n_negative = int(hit.sum()), int((~hit).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        return Curve(
            thresholds=ordered[last],
            precision=found / taken,
            recall=found / np.float64(n_positive),
            false_positive_rate=(taken - found) / np.float64(n_negative),
        )


def thin(line: Curve, *, points: int = 400) -> Curve:
    """At most about `points` points of a curve, evenly by rank, ends kept: enough for any screen."""
    if len(line.thresholds) <= points:
        return line
    keep = np.unique(np.linspace(0, len(line.thresholds) - 1, points).round().astype(int))
    return Curve(
        thresholds=line.thresholds[keep],
        precision=line.precision[keep],
        recall=line.recall[keep],
        false_positive_rate=line.false_positive_rate[keep],
    )
