"""Near-duplicates: pictures that are one another rescaled, recompressed, mirrored or turned.

Every image is a point: its grey tile, centred and scaled to length 1, so that brightness and contrast drop
out and the distance of two points is their correlation. Averaging over the 8 orientations, and projecting
onto the axes along which the set differs most, can only shorten distances; so a k-d tree over the points
that remain finds every pair that may be close, in any orientation, without comparing all with all. What it
proposes is accepted when the difference hashes, the full tiles and the steps between their pixels agree.
"""

import numpy as np
import pandas as pd
import scipy.sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from core.data import hashing

MIN_CORRELATION = 0.99  # planted copies of photographs all have more; the closer, the faster the search
MIN_DETAIL = 0.975  # correlation of steps between pixels
MAX_HASH_DISTANCE = 6  # of 64 bits
MIN_CONTRAST = 2.0  # grey levels (standard deviation) of a tile, below which it shows nothing to compare
_CELLS = 16  # a side of the coarse tile that the points are made of
_AXES = 10
_CHUNK = 4096


def clusters(table: pd.DataFrame) -> np.ndarray:
    """Number the sets of near-duplicates: (N,) int, one number per set; an image alone has a number too.

    `table` has the columns sha256, dhash and tile. Numbers follow the first row of each set. Byte-for-byte
    copies are always together, and sets are joined along chains of pairs.
    """
    found = pairs(table)
    codes = pd.factorize(table["sha256"])[0]
    n_rows, n_codes = len(table), int(codes.max(initial=-1)) + 1
    # Nodes: the rows, then one per distinct content, which ties exact copies together.
    first = np.concatenate([found[:, 0], np.arange(n_rows)])
    second = np.concatenate([found[:, 1], n_rows + codes])
    size = n_rows + n_codes
    graph = scipy.sparse.coo_matrix((np.ones(len(first), dtype=bool), (first, second)), shape=(size, size))
    labels = csgraph.connected_components(graph, directed=False)[1][:n_rows]
    return pd.factorize(labels)[0]


def pairs(table: pd.DataFrame) -> np.ndarray:
    """Pairs of near-duplicate rows, (n_pairs, 2) int, the smaller number first, sorted; no exact copies.

    Of rows with equal contents only the first is compared.
    """
    rows = np.flatnonzero(~table["sha256"].duplicated().to_numpy())
    if len(rows) < 2:
        return np.empty((0, 2), dtype=np.int64)
    tiles = hashing.tiles_from_bytes(table["tile"].iloc[rows].tolist())
    hashes = hashing.from_bytes(table["dhash"].iloc[rows].tolist())
    visible = np.flatnonzero(tiles.std(axis=(1, 2)) >= MIN_CONTRAST)
    local = _pairs(tiles[visible], hashes[visible])
    result = np.unique(np.sort(rows[visible[local]], axis=1), axis=0)
    return result.reshape(-1, 2)


def _pairs(tiles: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    if len(tiles) < 2:
        return np.empty((0, 2), dtype=np.int64)
    points = _points(tiles)
    tree = cKDTree(points, leafsize=32)
    radius = float(np.sqrt(2 * (1 - MIN_CORRELATION)))
    found = [np.empty((0, 2), dtype=np.int64)]
    for start in range(0, len(points), _CHUNK):
        near = tree.query_ball_point(points[start : start + _CHUNK], radius)
        found.append(_confirmed(near, start, tiles, hashes))
    return np.concatenate(found)


def _confirmed(near: np.ndarray, start: int, tiles: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Keep the proposed pairs (row, neighbour) whose hashes and tiles agree in one of the 8 orientations."""
    lengths = np.fromiter(map(len, near), dtype=np.int64, count=len(near))
    first = np.repeat(np.arange(start, start + len(near)), lengths)
    second = np.fromiter((one for ones in near for one in ones), dtype=np.int64, count=int(lengths.sum()))
    keep = second > first  # each pair once: if a turned matches b, b turned back matches a
    first, second = first[keep], second[keep]
    agree = np.zeros(len(first), dtype=bool)
    for turn in range(hashing.ORIENTATIONS):
        distance = np.bitwise_count(hashes[first, turn] ^ hashes[second, 0])
        close = np.flatnonzero((distance <= MAX_HASH_DISTANCE) & ~agree)
        for begin in range(0, len(close), _CHUNK):
            part = close[begin : begin + _CHUNK]
            turned = hashing.orientations(tiles[first[part]])[:, turn]
            agree[part] = same_picture(turned, tiles[second[part]])
    return np.stack([first[agree], second[agree]], axis=1)


def same_picture(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Whether tiles in the same orientation agree, in the large and in detail: two (N, S, S) -> (N,) bool.

    Products photographed on the same ground agree in the large; only copies also agree in their steps from
    pixel to pixel.
    """
    large = correlation(first, second) >= MIN_CORRELATION
    return large & (correlation(steps(first), steps(second)) >= MIN_DETAIL)


def correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlation of arrays, pair by pair: two (N, ...) -> (N,), from -1 to 1."""
    return (_unit(first) * _unit(second)).sum(axis=1)


def steps(tiles: np.ndarray) -> np.ndarray:
    """Differences to the right and lower neighbour: (N, S, S) -> (N, 2, S - 1, S - 1)."""
    grey = tiles.astype(np.float32)
    corner = grey[:, :-1, :-1]
    return np.stack([grey[:, :-1, 1:] - corner, grey[:, 1:, :-1] - corner], axis=1)


def _unit(tiles: np.ndarray) -> np.ndarray:
    """Arrays (N, ...) as vectors (N, size) of mean 0 and length 1."""
    flat = tiles.reshape(len(tiles), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def _points(tiles: np.ndarray) -> np.ndarray:
    """Tiles as points that no quarter turn and no mirror moves: (N, 10).

    Unit vectors are summed over squares of pixels and then over the 8 places that the orientations exchange,
    each sum divided by the root of its number of terms: orthogonal projections, which only shorten
    distances. So do the axes along which the set differs most.
    """
    sums = np.concatenate([_sums(tiles[start : start + _CHUNK]) for start in range(0, len(tiles), _CHUNK)])
    sample = sums[:: max(1, len(sums) // 5000)].astype(np.float64)
    centred = sample - sample.mean(axis=0)
    return sums @ np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :_AXES].astype(np.float32)


def _sums(tiles: np.ndarray) -> np.ndarray:
    """Scaled sums over squares and orientations: (N, 32, 32) -> (N, 36)."""
    step = hashing.TILE // _CELLS
    cells = _unit(tiles).reshape(-1, _CELLS, step, _CELLS, step).sum(axis=(2, 4)) / step
    return cells.reshape(len(tiles), -1) @ _orbits()


def _orbits() -> np.ndarray:
    """Orthonormal columns (256, 36), one for each set of cells that the orientations exchange."""
    grid = np.arange(_CELLS**2).reshape(1, _CELLS, _CELLS)
    smallest = hashing.orientations(grid)[0].reshape(hashing.ORIENTATIONS, -1).min(axis=0)
    member = smallest[:, None] == np.unique(smallest)  # (256, 36)
    return (member / np.sqrt(member.sum(axis=0))).astype(np.float32)
