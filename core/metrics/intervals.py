"""How sure a figure is: 95 % intervals.

Shares get Wilson's interval (1927). Scores of the confusion matrix get a stratified bootstrap: each image
(or each group of images that belong together: a cluster bootstrap) gets a random Gamma weight, rescaled
within its class (Rubin's Bayesian bootstrap, 1981, its spread corrected for small classes), and the scores
are computed from the weighted matrix. One pseudo-image in all, half right and half wrong, is spread over the
classes, as in Jeffreys' interval for a share; without it a class without a mistake would claim to be certain.
Average precision and ROC AUC have closed forms on the logit scale. README states the coverage measured.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, special

from core.metrics import scores
from core.metrics.scores import Floats, Ints

LEVEL = 0.95
DRAWS = 1000
MIN_IMAGES = 10
"""Images (or groups) of a class below which its figures say "too few images" instead of an interval."""
MIN_TOTAL = 50
"""Images (or groups) in all below which the bootstrap is not trusted; measured down to here."""
MANY_CELLS = 4000
_CHUNK = 8_000_000  # random numbers held at once, 64 MB
_EXACT_MEANS = 20_000_000  # draws x images up to which means are resampled, not approximated

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
    def n_units(self) -> int:
        """Independent observations: groups, or images where there are none."""
        return len(self.true) if self.groups is None else int(self.groups.max()) + 1


def group_codes(groups: Sequence[object]) -> Ints | None:
    """Integers 0… for group names; None when no two images share a group (missing names stand alone)."""
    import pandas as pd

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


def share(hits: Floats, sample: Sample) -> Interval:
    """Interval of the share of true `hits` (n_images,): Wilson's, or resampled by group."""
    if sample.groups is not None:
        return mean(hits.astype(np.float64), sample)
    low, high = wilson(hits.sum(), len(hits))
    return float(low), float(high)


def draw(sample: Sample, *, draws: int | None = None, seed: int = 0) -> scores.Tally:
    """Tallies of `draws` resampled subsets, every field (draws, n_classes).

    By default 1,000, fewer where the confusion matrix has very many cells: there the intervals are narrow.
    """
    random = np.random.default_rng(seed)
    cells = _Cells.of(sample)
    draws = draws or int(np.clip(DRAWS * MANY_CELLS / cells.size, 400, DRAWS))
    weights = _image_weights if sample.groups is None else _group_weights
    per_chunk = max(1, _CHUNK // max(cells.size, sample.n_units if sample.groups is not None else 1))
    parts = [
        cells.tally(weights(random, sample, cells, min(per_chunk, draws - start)), random)
        for start in range(0, draws, per_chunk)
    ]
    names = [field.name for field in dataclasses.fields(scores.Tally)]
    return scores.Tally(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


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


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Cells:
    """The confusion cells that occur, sorted by row then column, and which cell each image fell into."""

    row: Ints
    column: Ints
    count: Ints
    member: Ints  # (n_images,)
    n_classes: int
    per_unit: float  # images per independent observation

    @property
    def size(self) -> int:
        return len(self.count)

    @classmethod
    def of(cls, sample: Sample) -> "_Cells":
        flat = sample.true * sample.n_classes + sample.predicted
        kinds, member, count = np.unique(flat, return_inverse=True, return_counts=True)
        row, column = np.divmod(kinds, sample.n_classes)
        return cls(
            row=row, column=column, count=count, member=member, n_classes=sample.n_classes,
            per_unit=len(flat) / sample.n_units,
        )  # fmt: skip

    def tally(self, weights: Floats, random: np.random.Generator) -> scores.Tally:
        """Weighted cells (draws, n_cells) and the pseudo-images, each class scaled to its true size."""
        sizes = np.bincount(self.row, self.count, self.n_classes)
        hit, miss = self._pseudo_images(len(weights), sizes > 0, random)
        row_sums = sum_by(weights, self.row, self.n_classes) + hit + miss
        factor = sizes / np.where(sizes > 0, row_sums, 1.0)  # (draws, n_classes)
        weights, hit, miss = weights * factor[:, self.row], hit * factor, miss * factor
        diagonal = self.row == self.column
        hit[:, self.row[diagonal]] += weights[:, diagonal]
        wrong = sum_by(weights[:, ~diagonal], self.column[~diagonal], self.n_classes)
        elsewhere = (miss.sum(axis=1, keepdims=True) - miss) / max(1, self.n_classes - 1)
        return scores.Tally(
            right=hit, answered=hit + wrong + elsewhere, support=np.broadcast_to(sizes, hit.shape)
        )

    def _pseudo_images(
        self, draws: int, present: np.ndarray, random: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Weights (draws, n_classes) of its right and wrong halves, for one pseudo-image in all."""
        half = 0.5 / present.sum()
        hit, miss = random.standard_gamma(half, (2, draws, self.n_classes)) * present * self.per_unit
        return hit, miss if self.n_classes > 1 else np.zeros_like(miss)


def sum_by(weights: Floats, index: Ints, n_classes: int) -> Floats:
    """Sum `weights` (draws, n_cells) by the class of each cell, `index` (n_cells,): (draws, n_classes)."""
    sums = np.zeros((len(weights), n_classes))
    if len(index):
        order = np.argsort(index, kind="stable")
        kinds, first = np.unique(index[order], return_index=True)
        sums[:, kinds] = np.add.reduceat(weights[:, order], first, axis=1)
    return sums


def _shape(units: ArrayLike) -> Floats:
    """The Gamma shape of one unit's weight among `units` of its class, elementwise.

    Resampling m units shows (m - 1) / m of the spread of a mean; a smaller shape gives the rest back.
    """
    m = np.asarray(units, dtype=np.float64)
    return np.maximum(m - 1, 1) / np.maximum(m, 2)


def _image_weights(random: np.random.Generator, sample: Sample, cells: _Cells, draws: int) -> Floats:
    """The weights of the images of each cell, added up: a Gamma variable for each cell."""
    sizes = np.bincount(cells.row, cells.count, cells.n_classes)[cells.row]
    return random.standard_gamma(cells.count * _shape(sizes), (draws, cells.size))


def _group_weights(random: np.random.Generator, sample: Sample, cells: _Cells, draws: int) -> Floats:
    """One weight per group, carried to the cells that its images fell into."""
    ones, shape = np.ones(len(sample.true)), (sample.n_units, cells.size)
    content = sparse.csr_array((ones, (sample.groups, cells.member)), shape=shape)
    classes = sparse.csr_array((ones, (sample.groups, sample.true)), shape=(sample.n_units, sample.n_classes))
    stratum = np.asarray(classes.argmax(axis=1)).ravel()
    units = np.bincount(stratum)[stratum].astype(np.float64)
    return random.standard_gamma(_shape(units), (draws, sample.n_units)) @ content


def mean(values: Floats, sample: Sample, *, draws: int = DRAWS, seed: int = 0) -> Interval:
    """Interval of the mean of a figure per image, (n_images,); images or groups weighted as in `draw`.

    With very many images the mean is normal to well beyond what the draws could show, and is taken so.
    """
    units = np.arange(len(values)) if sample.groups is None else sample.groups
    total = np.bincount(units, values)
    size = np.bincount(units).astype(np.float64)
    if len(size) * draws > _EXACT_MEANS:
        centre = values.mean()
        deviation = np.sqrt(((total - centre * size) ** 2).sum()) / size.sum()
        half = special.ndtri(0.5 + LEVEL / 2) * deviation
        return float(centre - half), float(centre + half)
    weights = np.random.default_rng(seed).standard_exponential((draws, len(size)))
    low, high = bounds((weights @ total) / (weights @ size))
    return float(low), float(high)


def average_precision(value: float, positives: float) -> Interval:
    """Interval on the logit scale (Boyd, Eng and Page 2013) for `positives` independent positives.

    A value of 1 (or 0) has no logit: it gets Wilson's interval of `positives` out of `positives` (or none).
    """
    if np.isnan(value) or positives < 1:
        return NOWHERE
    if value in (0.0, 1.0):
        low, high = wilson(value * positives, positives)
        return float(low), float(high)
    return _on_logit_scale(value, np.sqrt(value * (1 - value) / positives))


def auc(value: float, deviation: float, positives: float, *, inflate: float = 1.0) -> Interval:
    """Interval on the logit scale from DeLong's standard deviation; `inflate` is images per group.

    A value of 1 (or 0) has no logit: it gets Wilson's interval for the independent positives.
    """
    if np.isnan(value) or np.isnan(deviation):
        return NOWHERE
    if value in (0.0, 1.0) or deviation == 0:
        low, high = wilson(value * positives, positives)
        return float(low), float(high)
    return _on_logit_scale(value, deviation * np.sqrt(inflate))


def _on_logit_scale(value: float, deviation: float) -> Interval:
    half = special.ndtri(0.5 + LEVEL / 2) * deviation / (value * (1 - value))
    centre = special.logit(value)
    return float(special.expit(centre - half)), float(special.expit(centre + half))
