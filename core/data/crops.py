"""Near-duplicates that hashes miss: crops, shifts and small turns.

Features of a frozen backbone propose for each image the few that look most like it; aligning the pixels then
decides. One tile is warped onto the other by the affine map that fits best (Lucas and Kanade 1981, by
Gauss-Newton, with a gain and an offset for exposure), and the pair is accepted when what overlaps agrees
in the large and in its steps from pixel to pixel. All pairs are fitted at once, as batches of small tiles.
"""

import numpy as np
import pandas as pd
import scipy.sparse
from scipy.sparse import csgraph

from core.data import hashing, near

NEIGHBOURS = 5
MIN_SIMILARITY = 0.6  # cosine of the features, below which a pair is not worth aligning
MIN_OVERLAP = 0.6  # of the tile
MIN_AGREEMENT = 0.975  # correlation over the overlap
MIN_DETAIL = 0.9  # correlation of steps between pixels over the overlap
MAX_STRETCH = 0.35  # how far the map's linear part may be from no change
_STEPS = ((8, 5, 0.8), (16, 6, 0.9), (32, 4, 0.95))  # tile side, steps, correlation to go on
_STARTS = (0.9, 1.1)  # scales to begin from: the second tile is the crop, or the first
_BATCH = 512
_CELLS = 2**24  # similarities held at a time
_DAMPING = 1e-3


def clusters(table: pd.DataFrame, features: np.ndarray) -> np.ndarray:
    """Number the sets of near-duplicates by hashes and by features together: (N,) int, as `near.clusters`.

    `features` is (N, n_features), in the order of the table.
    """
    found = pairs(table, features)
    numbers = table["cluster"].to_numpy()
    size = int(numbers.max(initial=-1)) + 1
    links = numbers[found]
    graph = scipy.sparse.coo_matrix(
        (np.ones(len(links), bool), (links[:, 0], links[:, 1])), shape=(size, size)
    )
    return pd.factorize(csgraph.connected_components(graph, directed=False)[1][numbers])[0]


def pairs(table: pd.DataFrame, features: np.ndarray) -> np.ndarray:
    """Pairs of rows that features propose and pixels confirm: (n_pairs, 2) int, sorted."""
    proposed = proposals(features)
    different = table["cluster"].to_numpy()[proposed]
    proposed = proposed[different[:, 0] != different[:, 1]]
    if not len(proposed):
        return np.empty((0, 2), dtype=np.int64)
    tiles = hashing.tiles_from_bytes(table["tile"].tolist())
    proposed = proposed[near.show_something(tiles)[proposed].all(axis=1)]
    agree = [aligned(tiles[part[:, 0]], tiles[part[:, 1]]) for part in _parts(proposed)]
    return proposed[np.concatenate(agree)] if agree else proposed


def proposals(features: np.ndarray) -> np.ndarray:
    """Each row with its most similar rows, by cosine: (n_pairs, 2) int, smaller first, sorted, unique."""
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    found = []
    batch = max(1, min(_BATCH, _CELLS // max(1, len(unit))))
    for start in range(0, len(unit), batch):
        likeness = unit[start : start + batch] @ unit.T  # (n, N)
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = -1.0
        best = np.argpartition(-likeness, min(NEIGHBOURS, len(unit) - 1), axis=1)[:, :NEIGHBOURS]
        first = np.repeat(start + rows, best.shape[1])
        good = np.take_along_axis(likeness, best, axis=1).ravel() >= MIN_SIMILARITY
        found.append(np.stack([first, best.ravel()], axis=1)[good])
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0).reshape(-1, 2)


def aligned(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Whether tiles show one picture up to a crop, a shift or a small turn, mirrored or not.

    Two (N, 32, 32) -> (N,) bool.
    """
    agree = np.zeros(len(first), dtype=bool)
    for turned in (second, second[:, :, ::-1]):
        for scale in _STARTS:
            left = np.flatnonzero(~agree)
            agree[left] = _fits(first[left], turned[left], scale)
    return agree


def _fits(source: np.ndarray, target: np.ndarray, scale: float) -> np.ndarray:
    """Warp each source onto its target, beginning with a centred crop of `scale`; say where they then agree.

    The fit starts on coarse tiles; pairs that are far from agreeing there go no further.
    """
    maps = np.zeros(
        (len(source), 2, 3), dtype=np.float32
    )  # target's (x, y, 1) -> source's (x, y), in [-1, 1]
    maps[:, 0, 0] = maps[:, 1, 1] = scale
    left = np.arange(len(source))
    for side, n_steps, hope in _STEPS:
        if not len(left):
            break
        one, other = _reduced(source[left], side), _reduced(target[left], side)
        for _ in range(n_steps):
            maps[left] = _improved(one, other, maps[left])
        hopeful = _overlap_correlation(one, other, maps[left]) >= hope
        left = left[hopeful & _near_identity(maps[left])]
    agree = np.zeros(len(source), dtype=bool)
    if len(left):
        agree[left] = _agree(
            _reduced(source[left], hashing.TILE), _reduced(target[left], hashing.TILE), maps[left]
        )
    return agree


def _near_identity(maps: np.ndarray) -> np.ndarray:
    return np.abs(maps[:, :, :2] - np.eye(2, dtype=np.float32)).max(axis=(1, 2), initial=0) <= MAX_STRETCH


def _overlap_correlation(source: np.ndarray, target: np.ndarray, maps: np.ndarray) -> np.ndarray:
    warped, inside = _sampled(source, maps @ _grid(source.shape[1]))
    return _masked_correlation(warped, target, inside)


def _improved(source: np.ndarray, target: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """One damped Gauss-Newton step on the six numbers of each map, and on gain and offset."""
    side, grid = source.shape[1], _grid(source.shape[1])
    warped, inside = _sampled(source, maps @ grid)  # (N, P), P = side * side
    slope_y, slope_x = (_sampled(one, maps @ grid)[0] for one in _slopes(source))
    x, y = grid[0], grid[1]
    flat = target.reshape(len(target), -1)
    ones = np.ones_like(warped)
    # d warped / d (a11, a12, a13, a21, a22, a23), then gain and offset of the target
    columns = [slope_x * x, slope_x * y, slope_x, slope_y * x, slope_y * y, slope_y, -flat, -ones]
    jacobian = np.stack(columns, axis=2) * inside[:, :, None]  # (N, P, 8)
    residual = (flat - warped) * inside
    normal = jacobian.transpose(0, 2, 1) @ jacobian  # (N, 8, 8)
    damping = _DAMPING * np.einsum("nii->n", normal)[:, None, None] / 8 + 1e-6
    pull = jacobian.transpose(0, 2, 1) @ residual[:, :, None]  # (N, 8, 1)
    step = np.linalg.solve(normal + damping * np.eye(8, dtype=np.float32), pull)
    change = np.clip(step[:, :6, 0].reshape(-1, 2, 3), -4 / side, 4 / side)
    return maps + change


def _agree(source: np.ndarray, target: np.ndarray, maps: np.ndarray) -> np.ndarray:
    side = source.shape[1]
    warped, inside = _sampled(source, maps @ _grid(side))
    shape = (-1, side, side)
    warped, inside, flat = warped.reshape(shape), inside.reshape(shape), target
    enough = inside.mean(axis=(1, 2)) >= MIN_OVERLAP
    both = inside[:, 1:, 1:] & inside[:, :-1, 1:] & inside[:, 1:, :-1] & inside[:, :-1, :-1]
    steps = np.stack([both, both], axis=1)
    large = _masked_correlation(warped, flat, inside) >= MIN_AGREEMENT
    detail = _masked_correlation(near.steps(warped), near.steps(flat), steps) >= MIN_DETAIL
    return enough & large & detail


def _masked_correlation(first: np.ndarray, second: np.ndarray, mask: np.ndarray) -> np.ndarray:
    a, b, m = (one.reshape(len(one), -1) for one in (first, second, mask))
    n = np.maximum(m.sum(axis=1, keepdims=True), 1)
    a = (a - (a * m).sum(axis=1, keepdims=True) / n) * m
    b = (b - (b * m).sum(axis=1, keepdims=True) / n) * m
    scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return (a * b).sum(axis=1) / np.maximum(scale, 1e-6)


def _sampled(image: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bilinear values of images (N, S, S) at places (N, 2, P) in [-1, 1], and whether those lie inside."""
    side = image.shape[1]
    spot = (places + 1) * (side / 2) - 0.5  # pixel centres
    inside = ((spot >= 0) & (spot <= side - 1)).all(axis=1)
    spot = np.clip(spot, 0, side - 1.001)
    corner = spot.astype(np.int32)
    (fx, fy), (x, y) = (spot - corner.astype(np.float32)).transpose(1, 0, 2), corner.transpose(1, 0, 2)
    flat = image.reshape(len(image), -1)
    start = y * side + x
    take = [np.take_along_axis(flat, start + shift, axis=1) for shift in (0, 1, side, side + 1)]
    top, bottom = take[0] * (1 - fx) + take[1] * fx, take[2] * (1 - fx) + take[3] * fx
    return top * (1 - fy) + bottom * fy, inside


def _slopes(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Change per unit of the [-1, 1] coordinates along y and x."""
    per_unit = image.shape[1] / 2
    down, right = np.gradient(image, axis=(1, 2))
    return down * per_unit, right * per_unit


def _grid(side: int) -> np.ndarray:
    """Pixel centres in [-1, 1], homogeneous: (3, side * side), rows x, y, 1."""
    centres = ((np.arange(side) + 0.5) * (2 / side) - 1).astype(np.float32)
    y, x = np.meshgrid(centres, centres, indexing="ij")
    return np.stack([x.ravel(), y.ravel(), np.ones(side * side, dtype=np.float32)])


def _reduced(tiles: np.ndarray, side: int) -> np.ndarray:
    """Tiles (N, 32, 32) as float32 (N, side, side), mean 0 and standard deviation 1."""
    step = tiles.shape[1] // side
    small = tiles.reshape(len(tiles), side, step, side, step).mean(axis=(2, 4), dtype=np.float32)
    small -= small.mean(axis=(1, 2), keepdims=True)
    return small / np.maximum(small.std(axis=(1, 2), keepdims=True), 1e-3)


def _parts(proposed: np.ndarray) -> list[np.ndarray]:
    return [proposed[start : start + _BATCH] for start in range(0, len(proposed), _BATCH)]
