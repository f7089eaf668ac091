"""How sure a figure is: 95 % intervals.

Shares get Wilson's interval (1927); where images belong together, with as many of them as they are worth
(Korn and Graubard 1998). Means over images are resampled by image or by group. `resampling` has the scores of
the confusion matrix, `areas` those under curves. README states the coverage measured.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from core.metrics import scores
from core.metrics.scores import Floats, Ints

LEVEL = 0.95
DRAWS = 1000
MIN_IMAGES = 10
"""Images (or groups) of a class below which its figures say "too few images" instead of an interval."""
MIN_TOTAL = 50
"""Images (or groups) in all below which the bootstrap is not trusted; measured down to here."""
_EXACT_MEANS = 4_000_000  # draws x images up to which means are resampled, not approximated

Interval = tuple[float, float]
NOWHERE: Interval = (np.nan, np.nan)


def wilson(successes: ArrayLike, trials: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Wilson's score interval of `successes` out of `trials`, elementwise; NaN where there are no trials."""
    k, n = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    z = special.ndtri(0.5 + level / 2)
    share = scores.divide(k, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low = np.where(k == 0, 0.0, centre - half)
    high = np.where(k == n, 1.0, centre + half)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def f1(right: ArrayLike, involved: ArrayLike) -> tuple[Floats, Floats]:
    """Interval of a class's F1 from its right answers and the images it is in, as truth or as answer.

    F1 = 2 J / (1 + J) with J = right / involved: Wilson's interval of J, carried over. Measured on 4,000
    subsets each of 50 to 2,000 images it covers 95 to 99 %.
    """
    low, high = wilson(right, involved)
    return 2 * low / (1 + low), 2 * high / (1 + high)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sample:
    """One subset's answers, as the bootstrap sees them.

    true, predicted: (n_images,) class indices. groups: (n_images,) integers, or None when every image
    stands for itself; images of one group are drawn together, within the class that most of them have.
    """

    true: Ints
    predicted: Ints
    n_classes: int
    groups: Ints | None = None

    @property
    def units(self) -> Ints:
        """The independent observation that each image belongs to, (n_images,)."""
        return np.arange(len(self.true)) if self.groups is None else self.groups

    @property
    def n_units(self) -> int:
        """Independent observations: groups, or images where there are none."""
        return len(self.true) if self.groups is None else int(self.groups.max()) + 1


def group_codes(groups: Sequence[object] | None) -> Ints | None:
    """Integers 0… for group names; None when no two images share a group (missing names stand alone)."""
    import pandas as pd

    if groups is None:
        return None
    codes, names = pd.factorize(np.array(list(groups), dtype=object))
    alone = codes < 0
    if len(names) + alone.sum() == len(codes):
        return None
    codes[alone] = len(names) + np.arange(alone.sum())
    return codes.astype(np.int64)


def units_per_class(sample: Sample) -> Ints:
    """Independent observations of each class: groups, or images where there are none; (n_classes,)."""
    if sample.groups is None:
        return np.bincount(sample.true, minlength=sample.n_classes)
    pairs = np.unique(np.stack([sample.groups, sample.true]), axis=1)
    return np.bincount(pairs[1], minlength=sample.n_classes)


def most_common(groups: Ints, values: Ints) -> Ints:
    """The value that most images of each group have, the lowest where even, (n_groups,).

    Both inputs are (n_images,) integers, every group from 0 on occurring.
    """
    kinds, counts = np.unique(groups * (int(values.max()) + 1) + values, return_counts=True)
    of_group, value = np.divmod(kinds, int(values.max()) + 1)
    order = np.lexsort((value, -counts, of_group))
    return value[order][np.unique(of_group[order], return_index=True)[1]]


def share(hits: np.ndarray, sample: Sample) -> Interval:
    """Wilson's interval of the share of true `hits` (n_images,), of as many images as they are worth."""
    worth = design_effect(hits, sample.groups)
    low, high = wilson(hits.sum() / worth, len(hits) / worth)
    return float(low), float(high)


def design_effect(values: np.ndarray, groups: Ints | None) -> float:
    """How many images of a group tell as much as one on its own would, 1 or more (Kish 1965).

    values: (n_images,) of what is averaged; groups: (n_images,) integers, or None. It holds Student's t for
    few groups. Values that are all the same do not show how alike a group is: then its images count as one.
    """
    if groups is None:
        return 1.0
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    n, g, spread = len(values), len(sizes), values.var()
    found = alike = (sizes**2).sum() / n
    if spread > 0 and g > 1:
        found = g / (g - 1) * (np.bincount(codes, values - values.mean()) ** 2).sum() / (n * spread)
    few = stats.t.ppf(0.5 + LEVEL / 2, max(1, g - 1)) / special.ndtri(0.5 + LEVEL / 2)
    return float(np.clip(found, 1.0, alike) * few**2)


def paired(gain: np.ndarray, groups: Ints | None = None) -> Interval:
    """Interval of the mean `gain` (n_images,) of one judge over another: 1 fixed, -1 broken, 0 neither.

    The adjusted Wald interval (Bonett and Price 2012): one image more of either kind, so that two judges who
    agree on every image seen are not called equal for certain.
    """
    worth = design_effect(gain, groups)
    fixed, broken, n = ((gain > 0).sum() / worth, (gain < 0).sum() / worth, len(gain) / worth)
    centre = (fixed - broken) / (n + 2)
    deviation = np.sqrt(((fixed + broken + 2) / (n + 2) - centre**2) / (n + 2))
    half = special.ndtri(0.5 + LEVEL / 2) * deviation
    return max(-1.0, float(centre - half)), min(1.0, float(centre + half))


def trusted(value: float, pair: tuple[float, float], *, enough: bool = True) -> Interval | None:
    """The interval as it is shown: None where there are too few images or an end is undefined.

    It holds the figure itself, which resampling need not: that of a perfect score ends just short of it.
    """
    if not enough or np.isnan([value, *pair]).any():
        return None
    return min(float(pair[0]), float(value)), max(float(pair[1]), float(value))


def mean(values: Floats, sample: Sample, *, draws: int = DRAWS, seed: int = 0) -> Interval:
    """Interval of the mean of a figure per image, (n_images,); images or groups weighted at random.

    With very many images the mean is normal to well beyond what the draws could show, and is taken so.
    """
    total = np.bincount(sample.units, values)
    size = np.bincount(sample.units).astype(np.float64)
    if len(size) * draws > _EXACT_MEANS:
        centre = values.mean()
        deviation = np.sqrt(((total - centre * size) ** 2).sum()) / size.sum()
        half = special.ndtri(0.5 + LEVEL / 2) * deviation
        return float(centre - half), float(centre + half)
    weights = np.random.default_rng(seed).standard_exponential((draws, len(size)))
    low, high = bounds((weights @ total) / (weights @ size))
    return float(low), float(high)


def bounds(values: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """The percentile interval over the first axis; draws where a score is undefined (NaN) are left out."""
    ordered = np.sort(values, axis=0)  # NaN last
    last = np.maximum((~np.isnan(values)).sum(axis=0) - 1, 0)
    tail = (1 - level) / 2
    return _at(ordered, tail * last), _at(ordered, (1 - tail) * last)


def _at(ordered: Floats, place: Floats) -> Floats:
    """The value at a fractional place of the first axis, between its neighbours."""
    below = np.floor(place).astype(np.int64)
    above = np.ceil(place).astype(np.int64)
    low = np.take_along_axis(ordered, below[None], axis=0)[0]
    high = np.take_along_axis(ordered, above[None], axis=0)[0]
    return low + (high - low) * (place - below)
