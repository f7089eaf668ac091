"""How far features lie from known ones: three distances, put on one scale and averaged.

- Mahalanobis to the nearest class, one mean for each class and one covariance for all (Lee et al. 2018);
- cosine to the nearest known images (Sun et al. 2022);
- the same after the known images' mean was taken away, which sees what differs in direction only.

Each finds what the others miss: strong backbones place drawings apart in direction, weak ones place scans
and flat colours apart in length. A known image's own distance is measured by the others (out of fold).
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
NEIGHBOURS = 5
N_DISTANCES = 3

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Known features (n, n_features), and what the distances need to know of them.

    `means` is (n_classes, n_features), `precision` (n_features, n_features); `centre` and `spread`
    (3,) put each distance on one scale: 0 is the known images' median, 1 their 95th percentile.
    """

    features: Floats
    means: Floats
    precision: Floats
    centre: Floats
    spread: Floats

    def distances(self, features: NDArray[np.floating]) -> Floats:
        """How far (N, n_features) are from what is known: (N,), about 1 at the edge of it."""
        raw = three(np.asarray(features, np.float64), self.looks, self.means, self.precision)
        return ((raw - self.centre) / self.spread).mean(axis=1)

    @functools.cached_property
    def looks(self) -> "Directions":
        """The directions of the known images, worked out once and not for every answer."""
        return Directions.of(self.features)

    @property
    def n_bytes(self) -> int:
        """What it holds in memory, `looks` included."""
        return 3 * self.features.nbytes + self.means.nbytes + self.precision.nbytes


@dataclass(frozen=True, kw_only=True)
class Directions:
    """Known images as unit vectors (n, n_features): `plain`, and `centred` after their mean `middle`."""

    plain: Floats
    middle: Floats
    centred: Floats

    @classmethod
    def of(cls, known: Floats) -> "Directions":
        """Those of known features (n, n_features)."""
        middle = known.mean(axis=0)
        return cls(plain=unit(known), middle=middle, centred=unit(known - middle))


def fit(
    features: NDArray[np.floating], labels: NDArray[np.integer], groups: NDArray[np.integer] | None = None
) -> tuple[Reference, Floats]:
    """Learn from known features (n, n_features) with class indices (n,), n at least 10.

    Images of one group (`groups`, (n,)) are alike: none is measured by the others of its group.
    Returns the reference, and each known image's own distance, out of fold: (n,).
    """
    values = np.asarray(features, np.float64)
    fold = _folds(len(values)) if groups is None else _folds_of_groups(labels, groups)
    raw = _out_of_fold(values, labels, fold)  # (n, 3)
    centre = np.median(raw, axis=0)
    spread = np.maximum(np.quantile(raw, 0.95, axis=0) - centre, 1e-9)
    means, precision = shared_shape(values, labels)
    reference = Reference(features=values, means=means, precision=precision, centre=centre, spread=spread)
    return reference, ((raw - centre) / spread).mean(axis=1)


def shared_shape(values: Floats, labels: NDArray[np.integer]) -> tuple[Floats, Floats]:
    """Class means, and the precision within classes that all share.

    The covariance is shrunk after Ledoit and Wolf (2004), for there may be more features than images.
    """
    from sklearn.covariance import ledoit_wolf

    known, place = np.unique(labels, return_inverse=True)
    means = np.stack([values[place == i].mean(axis=0) for i in range(len(known))])
    covariance, _ = ledoit_wolf(values - means[place], assume_centered=True)
    ridge = 1e-9 * (np.trace(covariance) / len(covariance) + 1e-12)  # features that never vary
    return means, np.linalg.inv(covariance + ridge * np.eye(len(covariance)))


def three(values: Floats, known: Directions, means: Floats, precision: Floats) -> Floats:
    """The three distances of (N, n_features), each on its own scale: (N, 3)."""
    columns = [
        mahalanobis(values, means, precision),
        nearest(values, known.plain).mean(axis=1),
        nearest(values - known.middle, known.centred).mean(axis=1),
    ]
    return np.stack(columns, axis=1)


def mahalanobis(values: Floats, means: Floats, precision: Floats) -> Floats:
    """Squared distance of (N, n_features) to the nearest of the means: (N,)."""
    away = [values - mean for mean in means]
    return np.min([((one @ precision) * one).sum(axis=1) for one in away], axis=0)


def nearest(values: Floats, known: Floats, *, k: int = NEIGHBOURS) -> Floats:
    """Cosine distances of (N, n_features) to the `k` nearest of unit vectors (n, n_features): (N, k)."""
    away = 1 - unit(values) @ known.T  # (N, n)
    k = min(k, len(known))
    return np.sort(np.partition(away, k - 1, axis=1)[:, :k], axis=1)


def unit(values: Floats) -> Floats:
    """Vectors (n, n_features) scaled to length 1."""
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)


def _folds(n_images: int) -> NDArray[np.integer]:
    return np.random.default_rng(0).permutation(n_images) % FOLDS


def _folds_of_groups(labels: NDArray[np.integer], groups: NDArray[np.integer]) -> NDArray[np.integer]:
    """Groups dealt out class by class, so that a class of two groups is known in every fold: (n,).

    Of a class with one group only, each image stands alone: without them nothing would be known of it.
    """
    group = np.unique(groups, return_inverse=True)[1]
    of_class = {label: np.unique(group[labels == label]) for label in np.unique(labels)}
    alone = np.isin(labels, [label for label, own in of_class.items() if len(own) == 1])
    group = np.where(alone, group.max() + 1 + np.arange(len(group)), group)
    _, first, place = np.unique(group, return_index=True, return_inverse=True)
    shuffled = np.random.default_rng(0).permutation(len(first))
    dealt = shuffled[np.argsort(labels[first][shuffled], kind="stable")]
    fold = np.empty(len(first), np.int64)
    fold[dealt] = np.arange(len(first)) % FOLDS
    return fold[place]


def _out_of_fold(values: Floats, labels: NDArray[np.integer], fold: NDArray[np.integer]) -> Floats:
    """The three distances of each known image to a model of the other folds' images: (n, 3)."""
    raw = np.empty((len(values), N_DISTANCES))
    for number in np.unique(fold):
        out, rest = fold == number, fold != number
        raw[out] = three(values[out], Directions.of(values[rest]), *shared_shape(values[rest], labels[rest]))
    return raw
