"""Near-duplicates: pictures that are one another rescaled, recompressed, mirrored or turned.

Every image is a point: its grey tile, centred and scaled to length 1, so that brightness and contrast drop
out and the distance of two points is their correlation. A projection onto the set's own principal axes can
only shorten distances, so a k-d tree over the projected points finds every pair that may be close, without
comparing all with all; the 8 orientations of each image are looked up in turn. What it proposes is accepted
when the difference hashes, the full tiles and the steps between their pixels agree.
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
_CELLS = 8  # a side of the coarse tile that the points are made of
_AXES = 12
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
    cells = _cells(tiles)  # (N, 64)
    axes = _principal_axes(cells)  # (64, 12)
    tree = cKDTree(cells @ axes, leafsize=32)
    radius = float(np.sqrt(2 * (1 - MIN_CORRELATION)))
    grid = np.arange(_CELLS**2).reshape(1, _CELLS, _CELLS)
    turns = hashing.orientations(grid)[0].reshape(hashing.ORIENTATIONS, -1)  # where each cell comes from
    found = []
    for start in range(0, len(tiles), _CHUNK):
        block = cells[start : start + _CHUNK]
        for turn, order in enumerate(turns):
            near = tree.query_ball_point(block[:, order] @ axes, radius)
            found.append(_confirmed(near, start, turn, tiles, hashes))
    return np.concatenate(found)


def _confirmed(near: np.ndarray, start: int, turn: int, tiles: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Keep the proposed pairs (query, neighbour) whose hashes and full tiles agree."""
    lengths = np.fromiter(map(len, near), dtype=np.int64, count=len(near))
    query = np.repeat(np.arange(start, start + len(near)), lengths)
    other = np.fromiter((one for ones in near for one in ones), dtype=np.int64, count=int(lengths.sum()))
    keep = other > query  # each pair once: if a turned matches b, b turned back matches a
    query, other = query[keep], other[keep]
    close = np.bitwise_count(hashes[query, turn] ^ hashes[other, 0]) <= MAX_HASH_DISTANCE
    query, other = query[close], other[close]
    agree = np.zeros(len(query), dtype=bool)
    for first in range(0, len(query), _CHUNK):
        part = slice(first, first + _CHUNK)
        turned = hashing.orientations(tiles[query[part]])[:, turn]
        agree[part] = same_picture(turned, tiles[other[part]])
    return np.stack([query[agree], other[agree]], axis=1)


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


def _cells(tiles: np.ndarray) -> np.ndarray:
    """Unit vectors of tiles summed over 4 x 4 pixels: (N, 64). Divided by 4, that is a projection."""
    step = hashing.TILE // _CELLS
    cells = np.empty((len(tiles), _CELLS**2), dtype=np.float32)
    for start in range(0, len(tiles), _CHUNK):
        unit = _unit(tiles[start : start + _CHUNK]).reshape(-1, _CELLS, step, _CELLS, step)
        cells[start : start + _CHUNK] = unit.sum(axis=(2, 4)).reshape(-1, _CELLS**2) / step
    return cells


def _principal_axes(cells: np.ndarray) -> np.ndarray:
    """The directions in which the cells differ most, orthonormal: (64, 12)."""
    sample = cells[:: max(1, len(cells) // 5000)].astype(np.float64)
    scatter = sample.T @ sample
    return np.linalg.eigh(scatter)[1][:, ::-1][:, :_AXES].astype(np.float32)
