"""Near-duplicates: pictures that are one another rescaled, recompressed, mirrored or turned.

Every image is a point: its grey tile, centred and scaled to length 1, so that brightness and contrast drop
out and the distance of two points is their correlation, and folded so that its orientation drops out too
(`core.data.near_points`). Points that may be close are found without comparing all with all
(`core.data.near_search`). What that proposes is accepted when the difference hashes, the full tiles and the
steps between their pixels agree.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import scipy.sparse
from scipy.sparse import csgraph

from core.data import hashing, near_points, near_search

MIN_CORRELATION = 0.99  # planted copies of photographs all have more; the closer, the faster the search
MIN_DETAIL = 0.975  # correlation of steps between pixels
MAX_HASH_DISTANCE = 6  # of 64 bits
MIN_CONTRAST = 2.0  # grey levels (standard deviation) of a tile, below which it shows nothing to compare
_RADIUS = float(np.sqrt(2 * (1 - MIN_CORRELATION)))
_CHUNK = 4096


def clusters(table: pd.DataFrame) -> np.ndarray:
    """Number the sets of near-duplicates: (N,) int, one number per set; an image alone has a number too.

    `table` has the columns sha256, dhash and tile. Numbers follow the first row of each set. Byte-for-byte
    copies are always together, and sets are joined along chains of pairs.
    """
    sets = pd.factorize(table["sha256"])[0]
    rows, tiles, hashes = _compared(table)
    joined = sets[rows]  # follows the sets of these rows, while they are joined
    for proposed in _proposed(tiles, joined):
        found = rows[_confirmed(proposed, tiles, hashes)]
        if len(found):
            sets = _joined(sets, found)
            joined[:] = sets[rows]
    return pd.factorize(sets)[0]


def pairs(table: pd.DataFrame) -> np.ndarray:
    """Pairs of near-duplicate rows, (n_pairs, 2) int, the smaller number first, sorted; no exact copies.

    Of rows with equal contents only the first is compared.
    """
    rows, tiles, hashes = _compared(table)
    found = [rows[_confirmed(proposed, tiles, hashes)] for proposed in _proposed(tiles)]
    return np.unique(np.concatenate([np.empty((0, 2), dtype=np.int64), *found]), axis=0)


def _proposed(tiles: np.ndarray, sets: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """Pairs that may be near-duplicates, outside the sets that are joined already."""
    if len(tiles) < 2:
        return iter(())
    return near_search.close_pairs(near_points.points(tiles), _RADIUS, sets)


def _compared(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows that show something and repeat no other: (M,), their tiles and their hashes."""
    rows = np.flatnonzero(~table["sha256"].duplicated().to_numpy())
    tiles = hashing.tiles_from_bytes(table["tile"].iloc[rows].tolist())
    hashes = hashing.from_bytes(table["dhash"].iloc[rows].tolist())
    visible = show_something(tiles)
    return rows[visible], tiles[visible], hashes[visible]


def show_something(tiles: np.ndarray) -> np.ndarray:
    """Which tiles are no plain surface, (N, S, S) -> (N,) bool; a part at a time, as the sums are wide."""
    contrast = [tiles[at : at + _CHUNK].std(axis=(1, 2)) for at in range(0, len(tiles), _CHUNK)]
    return np.concatenate([np.empty(0), *contrast]) >= MIN_CONTRAST


def _joined(sets: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Sets (N,) after those that the pairs of rows tie together were joined."""
    first, second = sets[found].T
    size = (len(sets), len(sets))
    graph = scipy.sparse.coo_matrix((np.ones(len(found), dtype=bool), (first, second)), shape=size)
    return csgraph.connected_components(graph, directed=False)[1][sets]


def _confirmed(proposed: np.ndarray, tiles: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Of proposed pairs (n, 2) those whose hashes and tiles agree in one of the 8 orientations.

    One of the two is turned: if that turned matches the other, the other turned back matches it.
    """
    first, second = proposed.T
    agree = np.zeros(len(proposed), dtype=bool)
    for turn in range(hashing.ORIENTATIONS):
        distance = np.bitwise_count(hashes[first, turn] ^ hashes[second, 0])
        close = np.flatnonzero((distance <= MAX_HASH_DISTANCE) & ~agree)
        for begin in range(0, len(close), _CHUNK):
            part = close[begin : begin + _CHUNK]
            turned = hashing.orientations(tiles[first[part]])[:, turn]
            agree[part] = same_picture(turned, tiles[second[part]])
    return proposed[agree]


def same_picture(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Whether tiles in the same orientation agree, in the large and in detail: two (N, S, S) -> (N,) bool.

    Products photographed on the same ground agree in the large; only copies also agree in their steps from
    pixel to pixel.
    """
    large = correlation(first, second) >= MIN_CORRELATION
    return large & (correlation(steps(first), steps(second)) >= MIN_DETAIL)


def correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlation of arrays, pair by pair: two (N, ...) -> (N,), from -1 to 1."""
    return (near_points.unit(first) * near_points.unit(second)).sum(axis=1)


def steps(tiles: np.ndarray) -> np.ndarray:
    """Differences to the right and lower neighbour: (N, S, S) -> (N, 2, S - 1, S - 1)."""
    grey = tiles.astype(np.float32)
    corner = grey[:, :-1, :-1]
    return np.stack([grey[:, :-1, 1:] - corner, grey[:, 1:, :-1] - corner], axis=1)
