"""Tiles as points that no quarter turn and no mirror moves, with distances that are never too long.

A tile, centred and scaled to length 1, is averaged over squares of pixels and taken apart into its even and
odd halves, left-right, up-down and across the diagonal. Orientations exchange these parts or change their
signs, and nothing else; so absolute values, and for the pair of parts that are exchanged the larger and the
smaller, are the same for all 8 orientations. Both only shorten distances, like the projection onto the axes
along which the set differs most.
"""

import numpy as np

from core.data import hashing

AXES = 24
_HALF = 8  # cells: half a side of the coarse tile
_SAMPLE = 5000  # tiles that the axes are found from
_CHUNK = 4096


def points(tiles: np.ndarray) -> np.ndarray:
    """The points of tiles, (N, 32, 32) uint8 -> (N, up to 24) float32, centred, the widest axis first.

    Two tiles that correlate by c in some orientation are at most sqrt(2 - 2c) apart.
    """
    sample = _parts(tiles[:: max(1, len(tiles) // _SAMPLE)])
    axes = [_axes(part) for part in sample[:4]] + [_axes(np.concatenate(sample[4:]))] * 2
    folded = _folded(sample, axes)
    centre = folded.mean(axis=0)
    widest = _axes(folded - centre)
    chunks = (tiles[start : start + _CHUNK] for start in range(0, len(tiles), _CHUNK))
    return np.concatenate([(_folded(_parts(chunk), axes) - centre) @ widest for chunk in chunks])


def _folded(parts: list[np.ndarray], axes: list[np.ndarray]) -> np.ndarray:
    """What the orientations leave as it is: (N, 6 x 24)."""
    fixed, *signed, first, second = (part @ along for part, along in zip(parts, axes, strict=True))
    first, second = np.abs(first), np.abs(second)
    pair = [np.maximum(first, second), np.minimum(first, second)]
    return np.concatenate([fixed, *map(np.abs, signed), *pair], axis=1)


def unit(tiles: np.ndarray) -> np.ndarray:
    """Arrays (N, ...) as vectors (N, size) of mean 0 and length 1."""
    flat = tiles.reshape(len(tiles), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def _parts(tiles: np.ndarray) -> list[np.ndarray]:
    """Six parts of each tile, each (N, 64): one that stays, three that change sign, two that are exchanged.

    Each is a quarter of a coarse tile of 16 x 16 cells, which its symmetry makes good for the whole; the
    factors keep lengths.
    """
    step = hashing.TILE // (2 * _HALF)
    cells = unit(tiles).reshape(-1, 2 * _HALF, step, 2 * _HALF, step).sum(axis=(2, 4)) / step  # (N, 16, 16)
    left, right = cells[..., :_HALF], cells[..., : _HALF - 1 : -1]
    even_even, even_odd = _halves(left + right)
    odd_even, odd_odd = _halves(left - right)
    parts = [
        (even_even + _across(even_even)) / 4,
        (even_even - _across(even_even)) / 4,
        (odd_odd + _across(odd_odd)) / 4,
        (odd_odd - _across(odd_odd)) / 4,
        odd_even / 2,
        _across(even_odd) / 2,
    ]
    return [part.reshape(len(part), -1) for part in parts]


def _halves(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The parts (N, 8, 8) of (N, 16, 8) that are even and odd when it is turned upside down."""
    upper, lower = columns[:, :_HALF], columns[:, : _HALF - 1 : -1]
    return upper + lower, upper - lower


def _across(quarters: np.ndarray) -> np.ndarray:
    return quarters.transpose(0, 2, 1)


def _axes(rows: np.ndarray) -> np.ndarray:
    """Orthonormal columns (d, up to 24): the axes along which rows (N, d) reach farthest from 0."""
    wide = rows.astype(np.float64)
    return np.linalg.eigh(wide.T @ wide)[1][:, : -AXES - 1 : -1].astype(np.float32)
