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

    auc_deviation: the standard deviation of `auc` after DeLong et al. (1988).
    """

    average_precision: float
    auc: float
    auc_deviation: float


def areas(positive: np.ndarray, scores: Floats) -> Areas:
    """Average precision and ROC AUC of `scores` (n_images,) for the boolean `positive` (n_images,).

    Average precision is the mean, over the positives, of the precision at each one's threshold;
    the AUC is the share of (positive, negative) pairs in the right order, ties counting half.
    """
    return _areas(np.sort(scores), np.sort(scores[positive]))


def one_against_rest(true: Ints, shares: Floats) -> list[Areas]:
    """`areas` of every class; `shares` is (n_images, n_classes)."""
    ordered = np.sort(np.ascontiguousarray(shares.T), axis=1)  # (n_classes, n_images), each row rising
    by_class = np.argsort(true, kind="stable")
    ends = np.cumsum(np.bincount(true, minlength=shares.shape[1]))
    members = np.split(by_class, ends[:-1])
    return [_areas(ordered[k], np.sort(shares[members[k], k])) for k in range(shares.shape[1])]


def _areas(everyone: Floats, positives: Floats) -> Areas:
    """`areas` from the rising scores of all images and of the positives."""
    n, p = len(everyone), len(positives)
    if p == 0:
        return Areas(average_precision=np.nan, auc=np.nan, auc_deviation=np.nan)
    below_all = np.searchsorted(everyone, positives, side="left")
    below_own = np.searchsorted(positives, positives, side="left")
    average_precision = float(np.mean((p - below_own) / (n - below_all)))
    if p == n:
        return Areas(average_precision=average_precision, auc=np.nan, auc_deviation=np.nan)
    under = below_all - below_own  # negatives strictly below each positive
    upto_own = np.searchsorted(positives, positives, side="right")
    upto = np.searchsorted(everyone, positives, side="right") - upto_own
    wins = (under + upto) / 2 / (n - p)  # DeLong's V10: negatives beaten by each positive, a tie half
    auc = float(wins.mean())
    deviation = _delong(wins, positives, under, upto, negatives=n - p)
    return Areas(average_precision=average_precision, auc=auc, auc_deviation=deviation)


def _delong(wins: Floats, positives: Floats, under: Ints, upto: Ints, *, negatives: int) -> float:
    """Standard deviation of the AUC; every negative lies between two positives or ties with some.

    The positives rise, so the negatives in the gap before a distinct positive number `under - last upto`,
    and all of them lose to the same positives: no pass over the negatives themselves is needed.
    """
    p = len(positives)
    if p < 2 or negatives < 2:
        return float("nan")
    first = np.flatnonzero(np.r_[True, np.diff(positives) > 0])  # one place per distinct positive
    same = np.diff(np.r_[first, p])
    gaps = under[first] - np.r_[0, upto[first][:-1]]
    tied = upto[first] - under[first]
    beaten_in_gap = (p - first) / p
    beaten_in_tie = (p - first - same / 2) / p
    last = negatives - upto[-1]
    values = np.r_[beaten_in_gap, beaten_in_tie, 0.0]
    how_many = np.r_[gaps, tied, last]
    mean = (values * how_many).sum() / negatives
    spread = (how_many * (values - mean) ** 2).sum() / (negatives - 1)
    return float(np.sqrt(wins.var(ddof=1) / p + spread / negatives))


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
