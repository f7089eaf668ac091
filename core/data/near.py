"""Near-duplicates: pictures that are one another rescaled, recompressed, mirrored or turned.

Every image is a point: its grey tile, centred and scaled to length 1, so that brightness and contrast drop
out and the distance of two points is their correlation. A projection onto the set's own principal axes can
only shorten distances, so a k-d tree over the projected points finds every pair that may be close, without
comparing all with all; the 8 orientations of each image are looked up in turn. What it proposes is accepted
when the difference hashes and the full tiles agree.
"""

import numpy as np
import pandas as pd
import scipy.sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from core.data import hashing

MIN_CORRELATION = 0.96
MAX_HASH_DISTANCE = 10  # of 64 bits
MIN_CONTRAST = 2.0  # grey levels (standard deviation) of a tile, below which it shows nothing to compare
_CELLS = 16  # a side of the tile that the points are made of
_AXES = 12
_CHUNK = 4096

FloatArray = np.ndarray


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
    points = _points(tiles, _CELLS)  # (N, 256), length 1
    axes = _principal_axes(points)  # (256, 12)
    tree = cKDTree(points @ axes)
    radius = float(np.sqrt(2 * (1 - MIN_CORRELATION)))
    found = []
    for start in range(0, len(tiles), _CHUNK):
        block = hashing.orientations(tiles[start : start + _CHUNK])  # (n, 8, 32, 32)
        for turn in range(hashing.ORIENTATIONS):
            near = tree.query_ball_point(_points(block[:, turn], _CELLS) @ axes, radius, workers=1)
            found.append(_confirmed(near, start, turn, tiles, hashes, block[:, turn]))
    return np.concatenate(found)


def _confirmed(
    near: list[list[int]], start: int, turn: int, tiles: np.ndarray, hashes: np.ndarray, turned: np.ndarray
) -> np.ndarray:
    """Keep the proposed pairs (query, neighbour) whose hashes and full tiles agree."""
    lengths = np.fromiter(map(len, near), dtype=np.int64, count=len(near))
    query = np.repeat(np.arange(len(near)), lengths)
    other = np.fromiter((one for ones in near for one in ones), dtype=np.int64, count=int(lengths.sum()))
    keep = other > query + start  # each pair once: if a turned matches b, b turned back matches a
    query, other = query[keep], other[keep]
    distance = np.bitwise_count(hashes[query + start, turn] ^ hashes[other, 0])
    close = distance <= MAX_HASH_DISTANCE
    query, other = query[close], other[close]
    agree = np.zeros(len(query), dtype=bool)
    for first in range(0, len(query), _CHUNK):
        part = slice(first, first + _CHUNK)
        a = _points(turned[query[part]], hashing.TILE)
        b = _points(tiles[other[part]], hashing.TILE)
        agree[part] = (a * b).sum(axis=1) >= MIN_CORRELATION
    return np.stack([query[agree] + start, other[agree]], axis=1)


def _points(tiles: np.ndarray, cells: int) -> FloatArray:
    """Tiles (N, 32, 32) as vectors (N, cells * cells) of mean 0 and length 1."""
    step = hashing.TILE // cells
    blocks = tiles.reshape(len(tiles), cells, step, cells, step).mean(axis=(2, 4), dtype=np.float32)
    flat = blocks.reshape(len(tiles), -1)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def _principal_axes(points: FloatArray) -> FloatArray:
    """The directions in which the points differ most, orthonormal: (256, 12)."""
    sample = points[:: max(1, len(points) // 5000)]
    covariance = np.cov(sample, rowvar=False) if len(sample) > 1 else np.eye(points.shape[1])
    return np.linalg.eigh(covariance)[1][:, ::-1][:, :_AXES].astype(np.float32)
