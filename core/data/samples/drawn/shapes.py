"""Outlines as arrays of points (n, 2): x to the right, y down, in whatever unit the caller draws in."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.samples.drawn.dice import Dice

Points = NDArray[np.float64]
Pairs = Sequence[tuple[float, float]] | Points


def polygon(*corners: tuple[float, float]) -> Points:
    """Return the corners as an array (n, 2)."""
    return np.array(corners, dtype=np.float64)


def ellipse(x: float, y: float, across: float, down: float, turn: float = 0.0, n: int = 36) -> Points:
    """Return an ellipse around (x, y) with these half-axes, turned clockwise by ``turn`` degrees."""
    angle = np.linspace(0, 2 * math.pi, n, endpoint=False)
    return move(turned(np.stack([across * np.cos(angle), down * np.sin(angle)], axis=1), turn), x, y)


def smooth(points: Pairs, *, closed: bool = True, steps: int = 7) -> Points:
    """Return the Catmull-Rom curve through the points, with ``steps`` points for each of them."""
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        ring = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        ring = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = [_piece(ring[i : i + 4], t) for i in range(len(ring) - 3)]
    return np.concatenate(pieces if closed else [*pieces, knots[-1:]])


def _piece(four: Points, t: Points) -> Points:
    before, start, end, after = four
    return 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )


def limb(path: Pairs, widths: Sequence[float], *, steps: int = 7) -> Points:
    """Return the outline of a tapering stroke with round ends along a smooth path.

    ``widths`` are full widths, spread evenly from the path's start to its end.
    """
    line = smooth(path, closed=False, steps=steps)
    place = np.linspace(0, 1, len(line))
    half = np.interp(place, np.linspace(0, 1, len(widths)), np.asarray(widths)) / 2
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1])[:, None], 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    end = _cap(line[-1], along[-1], half[-1])
    start = _cap(line[0], -along[0], half[0])
    return np.concatenate([line + across * half[:, None], end, (line - across * half[:, None])[::-1], start])


def _cap(centre: Points, along: Points, radius: float) -> Points:
    angle = np.linspace(math.pi / 2, -math.pi / 2, 7)[1:-1, None]
    across = np.array([-along[1], along[0]])
    return centre + radius * (np.cos(angle) * along + np.sin(angle) * across)


def tufted(outline: Points, size: float, dice: Dice, *, spacing: float = 2.0) -> Points:
    """Return the outline with a fringe of fur or feathers ``size`` long, pointing outwards."""
    closed = np.concatenate([outline, outline[:1]])
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    n = max(12, round(length[-1] / (spacing * size)))
    where = (np.arange(2 * n) + [dice.between(0.1, 0.9) for _ in range(2 * n)]) / (2 * n) * length[-1]
    ring = np.stack([np.interp(where, length, closed[:, k]) for k in (0, 1)], axis=1)
    out = ring - ring.mean(axis=0)
    out /= np.maximum(np.hypot(out[:, 0], out[:, 1])[:, None], 1e-9)
    reach = np.array([size * dice.between(0.35, 0.9) if i % 2 else -0.1 * size for i in range(2 * n)])
    return ring + out * reach[:, None]


def move(points: Points, x: float, y: float) -> Points:
    """Return the points moved by (x, y)."""
    return points + np.array([x, y])


def turned(points: Points, degrees: float, around: tuple[float, float] = (0.0, 0.0)) -> Points:
    """Return the points turned clockwise (as seen on screen) around a point."""
    if not degrees:
        return points
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    middle = np.array(around)
    return (points - middle) @ np.array([[c, s], [-s, c]]) + middle


def mirrored(points: Points, x: float = 0.0) -> Points:
    """Return the points mirrored at the vertical line at x."""
    return points * np.array([-1.0, 1.0]) + np.array([2 * x, 0.0])


def box(points: Points) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom."""
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)
