"""Which of many points lie close to each other, without comparing all with all.

Points are thrown into buckets by the signs of random projections (locality-sensitive hashing; Charikar 2002,
Indyk and Motwani 1998): a key of about log2(n) bits, each dividing the set in halves, so that a bucket holds
a few points however many there are. Close points fall on the same side of most cuts; that they meet in
at least one of 48 such tables is all but certain (`benchmarks.near` measures it). Only points that meet
are compared. So time grows like n log n, unless the images themselves crowd together.
"""

from collections.abc import Iterator

import numpy as np

ALL_UP_TO = 1024  # so few points are all compared
TABLES = 48
_CHUNK = 65_536
_SAMPLE = 4096  # points whose median divides the set
_LOOK_AGAIN = 16  # bucket mates compared before the sets joined meanwhile are looked at


def close_pairs(points: np.ndarray, radius: float, sets: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """Pairs of rows of points (N, d) that are at most `radius` apart: (n_pairs, 2) at a time, each pair once.

    `sets` (N,) numbers sets of rows that are joined already, and may change between the yields: pairs within
    a set are not proposed.
    """
    keys = _keys(points)  # (N, tables)
    for table in range(keys.shape[1]):
        order = np.argsort(keys[:, table], kind="stable")
        for first, second in _mates(order, keys[order, table], sets):
            between = points[first] - points[second]
            close = np.einsum("ij,ij->i", between, between) <= radius**2
            first, second = first[close], second[close]
            new = ~(keys[first, :table] == keys[second, :table]).any(axis=1)  # they met in no earlier table
            if new.any():
                yield np.sort(np.stack([first[new], second[new]], axis=1), axis=1)


def _keys(points: np.ndarray) -> np.ndarray:
    """The bucket of each point in each table: (N, tables) int32."""
    if len(points) <= ALL_UP_TO:
        return np.zeros((len(points), 1), dtype=np.int32)
    n_bits = len(points).bit_length() - 1
    spread = points[:: max(1, len(points) // _SAMPLE)].std(axis=0)
    random = np.random.default_rng(0)
    keys = np.empty((len(points), TABLES), dtype=np.int32)
    for table in range(TABLES):
        # Wide axes count for less than their width: else they alone would fill the buckets.
        directions = (
            random.normal(size=(points.shape[1], n_bits)) / np.sqrt(np.maximum(spread, 1e-6))[:, None]
        )
        seen = points @ directions.astype(np.float32)
        beyond = seen > np.median(seen[:: max(1, len(seen) // _SAMPLE)], axis=0)
        keys[:, table] = beyond @ (1 << np.arange(n_bits, dtype=np.int32))
    return keys


def _mates(
    order: np.ndarray, key: np.ndarray, sets: np.ndarray | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of rows in one bucket; `order` lists the rows bucket by bucket, `key` their buckets, sorted.

    Step by step each row is paired with the one 1, 2, 3, ... places behind it, while the bucket lasts.
    """
    place, step = np.arange(len(order)), 0
    while len(place):
        if sets is not None and step % _LOOK_AGAIN == 0:
            place = place[_unsettled(key, sets[order])[place]]
        step += 1
        place = place[place + step < len(order)]
        place = place[key[place + step] == key[place]]
        for start in range(0, len(place), _CHUNK):
            first = order[place[start : start + _CHUNK]]
            second = order[place[start : start + _CHUNK] + step]
            if sets is not None:
                apart = sets[first] != sets[second]
                first, second = first[apart], second[apart]
            yield first, second


def _unsettled(key: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Whether a row's bucket holds rows of more than one set: (N,) bool."""
    starts = np.flatnonzero(np.diff(key, prepend=key[0] - 1))
    several = np.minimum.reduceat(sets, starts) < np.maximum.reduceat(sets, starts)
    return np.repeat(several, np.diff(starts, append=len(key)))
