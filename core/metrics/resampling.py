"""Scores of the confusion matrix, resampled: tallies of subsets that might as well have been drawn.

A stratified bootstrap: each image (or each group of images that belong together: a cluster bootstrap) gets a
random Gamma weight, rescaled within its class (Rubin's Bayesian bootstrap, 1981, its spread corrected for
small classes), and the scores are computed from the weighted matrix. One pseudo-image in all, half right and
half wrong, is spread over the classes, as in Jeffreys' interval for a share; without it a class without a
mistake would claim to be certain. Two runs on the same images share the weights, and their pseudo-image is
one that only the first gets right and one that only the second does, half of each.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from core.metrics import scores
from core.metrics.intervals import DRAWS, Sample, most_common
from core.metrics.scores import Floats, Ints

MANY_CELLS = 4000
_CHUNK = 8_000_000  # random numbers held at once, 64 MB


def draw(sample: Sample, *, draws: int | None = None, seed: int = 0) -> scores.Tally:
    """Tallies of `draws` resampled subsets, every field (draws, n_classes).

    By default 1,000, fewer where the confusion matrix has very many cells: there the intervals are narrow.
    """
    kinds = _Kinds.of(sample, sample.predicted)
    return _joined([kinds.tally(0, *drawn) for drawn in _weights(sample, kinds, draws, seed)])


def draw_pair(
    sample: Sample, second: Ints, *, draws: int | None = None, seed: int = 0
) -> tuple[scores.Tally, scores.Tally]:
    """As `draw`, for the sample's answers and for the `second` ones (n_images,) to the same images."""
    kinds = _Kinds.of(sample, sample.predicted, second)
    found = [
        (kinds.tally(0, weights, one, other), kinds.tally(1, weights, other, one))
        for weights, one, other in _weights(sample, kinds, draws, seed)
    ]
    return _joined([first for first, _ in found]), _joined([last for _, last in found])


def _joined(parts: list[scores.Tally]) -> scores.Tally:
    names = [field.name for field in dataclasses.fields(scores.Tally)]
    return scores.Tally(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Kinds:
    """The kinds of image that occur, by truth (row) and answers (columns), and the kind of each image."""

    row: Ints  # (n_kinds,), rising
    columns: tuple[Ints, ...]  # (n_kinds,) for each judge
    count: Ints  # (n_kinds,)
    member: Ints  # (n_images,)
    n_classes: int

    @classmethod
    def of(cls, sample: Sample, *answers: Ints) -> "_Kinds":
        code = sample.true
        for answer in answers:
            code = code * sample.n_classes + answer
        kinds, member, count = np.unique(code, return_inverse=True, return_counts=True)
        columns = []
        for _ in answers:
            kinds, column = np.divmod(kinds, sample.n_classes)
            columns.append(column)
        return cls(
            row=kinds, columns=tuple(columns[::-1]), count=count, member=member, n_classes=sample.n_classes
        )

    @property
    def sizes(self) -> Floats:
        """Images of each class, (n_classes,)."""
        return np.bincount(self.row, self.count, self.n_classes).astype(np.float64)

    def tally(self, judge: int, weights: Floats, hit: Floats, miss: Floats) -> scores.Tally:
        """The tally of weighted kinds (draws, n_kinds) and pseudo-images (draws, n_classes).

        Each class is brought to its true size.
        """
        sizes, column = self.sizes, self.columns[judge]
        row_sums = sum_by(weights, self.row, self.n_classes) + hit + miss
        factor = sizes / np.where(sizes > 0, row_sums, 1.0)  # (draws, n_classes)
        weights = weights * factor[:, self.row]
        right = self.row == column
        hits = hit * factor + sum_by(weights[:, right], self.row[right], self.n_classes)
        wrong = sum_by(weights[:, ~right], column[~right], self.n_classes)
        answered = np.isin(np.arange(self.n_classes), column)
        answers = (hits + wrong + _elsewhere(miss * factor, answered)) * answered
        return scores.Tally(right=hits, answered=answers, support=np.broadcast_to(sizes, hits.shape))


def _elsewhere(miss: Floats, answered: np.ndarray) -> Floats:
    """What the wrong pseudo-images (draws, n_classes) are taken for: the other answers given, in equal parts.

    A class that is never answered (`answered`, (n_classes,)) stays so: without images it would enter the
    averages, and its precision, 0 by convention, would be made up of pseudo-images alone. Where there is no
    other answer they are taken for none.
    """
    part = miss / np.maximum(1, answered.sum() - answered)
    return part.sum(axis=1, keepdims=True) - part


def _weights(
    sample: Sample, kinds: _Kinds, draws: int | None, seed: int
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """In chunks: weights of the kinds (draws, n_kinds), and the pseudo-image's halves (draws, n_classes)."""
    random, size = np.random.default_rng(seed), len(kinds.count)
    draws = draws or int(np.clip(DRAWS * MANY_CELLS / size, 200, DRAWS))
    drawn = _image_weights if sample.groups is None else _group_weights
    step = max(1, _CHUNK // max(size, sample.n_units if sample.groups is not None else 1))
    for start in range(0, draws, step):
        weights = drawn(random, sample, kinds, min(step, draws - start))
        yield weights, *_pseudo_images(random, sample, kinds, len(weights))


def _pseudo_images(
    random: np.random.Generator, sample: Sample, kinds: _Kinds, draws: int
) -> tuple[Floats, Floats]:
    """Weights of the two halves of one pseudo-image in all, as heavy as an independent observation."""
    present = kinds.sizes > 0
    halves = random.standard_gamma(0.5 / present.sum(), (2, draws, kinds.n_classes))
    one, other = halves * present * len(sample.true) / sample.n_units
    return (one, other) if kinds.n_classes > 1 else (one, np.zeros_like(other))


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

    Under m weights of shape s a mean has the variance v / (m s + 1), v being the m values' own. The unbiased
    variance of a mean is v / (m - 1), which s = (m - 2) / m gives; fewer than 3 units are taken as 3.
    """
    m = np.maximum(np.asarray(units, dtype=np.float64), 3)
    return (m - 2) / m


def _image_weights(random: np.random.Generator, sample: Sample, kinds: _Kinds, draws: int) -> Floats:
    """The weights of the images of each kind, added up: a Gamma variable for each kind."""
    return random.standard_gamma(kinds.count * _shape(kinds.sizes[kinds.row]), (draws, len(kinds.count)))


def _group_weights(random: np.random.Generator, sample: Sample, kinds: _Kinds, draws: int) -> Floats:
    """One weight per group, carried to the kinds that its images are of."""
    ones, shape = np.ones(len(sample.true)), (sample.n_units, len(kinds.count))
    content = sparse.csr_array((ones, (sample.units, kinds.member)), shape=shape)
    stratum = most_common(sample.units, sample.true)
    units = np.bincount(stratum)[stratum].astype(np.float64)
    return random.standard_gamma(_shape(units), (draws, sample.n_units)) @ content
