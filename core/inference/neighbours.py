"""The training images that look most alike to the model: an answer's witnesses."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.inference import distance, unknown

Near = Literal["very near", "near", "far"]
_MOST = 1000  # known images compared with each other: enough for two quantiles
_SAME = 1e-4


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """One training image: its path in the run's manifest, its label, the cosine distance to it (0 to 2)."""

    path: str
    label: str
    distance: float


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How near known images are to the nearest other one: for half of them `usual`, for 95 of 100 `edge`."""

    usual: float
    edge: float

    def near(self, away: float) -> Near:
        """A distance in words, measured by how near the known images are to each other."""
        return "very near" if away <= self.usual else "near" if away <= self.edge else "far"


def nearest(known: unknown.Known, pixels: NDArray[np.uint8], *, count: int = 5) -> list[list[Neighbour]]:
    """The `count` nearest known images, nearest first, for each of (N, S, S, 3)."""
    seen = known.see(pixels).astype(np.float64)
    away = 1 - distance.unit(seen) @ known.reference.looks.plain.T  # (N, n_known)
    return [
        [
            Neighbour(path=known.paths[i], label=known.labels[i], distance=float(row[i]))
            for i in np.argsort(row)[:count]
        ]
        for row in away
    ]


def scale(known: unknown.Known) -> Scale:
    """The scale of a run's own images; exact copies among them are left aside."""
    features = known.reference.features
    features = features[:: max(1, -(-len(features) // _MOST))]
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    away = 1 - unit @ unit.T  # (n, n)
    away[away < _SAME] = np.inf  # itself, and copies of it
    own = away.min(axis=1)
    own = own[np.isfinite(own)]
    if not len(own):
        return Scale(usual=0.0, edge=0.0)
    return Scale(usual=float(np.median(own)), edge=float(np.quantile(own, 0.95)))
