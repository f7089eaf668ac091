"""How sure areas under curves are: from each image's pull on them, on the logit scale.

The variance of an area is the sum of its images' squared pulls (the infinitesimal jackknife; for the AUC of
one class it is DeLong's), within each class and, where images belong together, by group. A mean over classes
adds up the pulls of one image on all of them, so that what the classes have in common is counted. Student's t
takes the classes' sizes into account (Satterthwaite 1946). Average precision lets every positive count
itself, which flatters small classes: its interval is centred half-way to the figure without that. README
states the coverage measured.
"""

import dataclasses

import numpy as np
from scipy import special, stats

from core.metrics import intervals, ranking
from core.metrics.intervals import LEVEL, NOWHERE, Interval
from core.metrics.scores import Floats, Ints

PSEUDO = 0.05
"""Of one image's pull, what is added to the deviation: a class in perfect order is not certain to stay so."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ranked:
    """Every class's areas, their intervals, and those of the plain means over the classes that have one.

    Each pair is (average precision's, AUC's). An interval is NOWHERE where the figure is undefined; whether
    there are enough images to trust it is the caller's to ask.
    """

    classes: list[ranking.Areas]
    of_class: list[tuple[Interval, Interval]]
    means: tuple[float, float]
    of_means: tuple[Interval, Interval]


def one_against_rest(sample: intervals.Sample, shares: Floats) -> Ranked:
    """Rank by the probability of each class in turn; `shares` is (n_images, n_classes)."""
    columns, units = np.ascontiguousarray(shares.T), fewest(sample)
    found, own, pulls = [], [], []
    total, defined = np.zeros((2, len(shares))), np.zeros((2, sample.n_classes), dtype=bool)
    for k, column in enumerate(columns):
        positive = sample.true == k
        area = ranking.areas(positive, column)
        defined[:, k] = ~np.isnan([area.average_precision, area.auc])
        spread = _spread(area.pulls, positive.astype(np.int64), sample.groups)
        own.append(_intervals([area], spread, units[[k]]))
        total[defined[:, k]] += area.pulls[defined[:, k]]
        found.append(dataclasses.replace(area, pulls=np.empty((2, 0))))  # n_images numbers for each class
    pulls = total / np.maximum(1, defined.sum(axis=1, keepdims=True))
    known = [area for area, ok in zip(found, defined[0], strict=True) if ok]
    rated = [area for area, ok in zip(found, defined[1], strict=True) if ok]
    means = _mean(known, "average_precision"), _mean(rated, "auc")
    spread = _spread(pulls, sample.true, sample.groups)
    precise = _intervals(known, spread, units[defined[0]])[0] if known else NOWHERE
    ordered = _intervals(rated, spread, units[defined[1]])[1] if rated else NOWHERE
    return Ranked(classes=found, of_class=own, means=means, of_means=(precise, ordered))


def fewest(sample: intervals.Sample) -> Ints:
    """For each class the images (or groups) of it or of the others, whichever are fewer; (n_classes,)."""
    of_class = intervals.units_per_class(sample)
    pairs = np.unique(np.stack([sample.units, sample.true]), axis=1)
    pure = np.bincount(pairs[0])[pairs[0]] == 1
    others = sample.n_units - np.bincount(pairs[1][pure], minlength=sample.n_classes)
    return np.minimum(of_class, others)


def _mean(found: list[ranking.Areas], name: str) -> float:
    return float(np.mean([getattr(area, name) for area in found])) if found else np.nan


def _spread(pulls: Floats, strata: Ints, groups: Ints | None) -> tuple[Floats, Floats]:
    """Variance and degrees of freedom of the figures that `pulls` (2, n_images) belong to; (2,) each.

    strata: (n_images,) integers; the images of each keep their number.
    """
    sizes = np.bincount(strata)
    variance = np.empty((2, len(sizes)))
    units = strata if groups is None else intervals.most_common(groups, strata)
    m = np.maximum(np.bincount(units, minlength=len(sizes)), 2)
    for row, pull in enumerate(pulls):
        pull = pull - (np.bincount(strata, pull) / np.maximum(sizes, 1))[strata]
        pull = pull if groups is None else np.bincount(groups, pull)
        variance[row] = np.bincount(units, pull**2, len(sizes)) * m / (m - 1)
    total = variance.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total, total**2 / (variance**2 / (m - 1)).sum(axis=1)


def _intervals(
    found: list[ranking.Areas], spread: tuple[Floats, Floats], units: Ints
) -> tuple[Interval, Interval]:
    """Of the mean average precision and the mean AUC of `found`; units: (len(found),), as from `fewest`."""
    values = _mean(found, "average_precision"), _mean(found, "auc")
    centres = (values[0] + _mean(found, "others_precision")) / 2, values[1]
    one, two = (
        _interval(value, centre, variance, freedom, units)
        for value, centre, variance, freedom in zip(values, centres, *spread, strict=True)
    )
    return one, two


def _interval(value: float, centre: float, variance: float, freedom: float, units: Ints) -> Interval:
    """A mean of 1 (or 0) has no logit: it gets the mean of Wilson's intervals of `units` out of `units`."""
    if np.isnan(value) or not (units > 0).all():
        return NOWHERE
    if value in (0.0, 1.0):
        low, high = intervals.wilson(value * units, units)
        return float(low.mean()), float(high.mean())
    if np.isnan(variance):
        return NOWHERE
    pseudo = ((PSEUDO / (len(units) * units)) ** 2).sum()
    freedom = freedom * ((variance + pseudo) / variance) ** 2 if variance > 0 else np.inf
    half = stats.t.ppf(0.5 + LEVEL / 2, freedom) * np.sqrt(variance + pseudo) / (centre * (1 - centre))
    middle = special.logit(centre)
    return float(special.expit(middle - half)), float(special.expit(middle + half))
