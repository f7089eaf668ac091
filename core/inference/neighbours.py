"""The training images that look most alike to the model: an answer's witnesses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inference import distance, unknown


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """One training image: its path in the run's manifest, its label, the cosine distance to it (0 to 2)."""

    path: str
    label: str
    distance: float


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
