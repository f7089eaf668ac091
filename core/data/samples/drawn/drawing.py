"""A drawing as data: parts from back to front, placed and rasterised later."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.data.samples.drawn import shapes
from core.data.samples.drawn.shapes import Points

Colour = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A patch of colour inside a part: seen only where the part is. ``strength`` in (0, 1]."""

    shape: Points
    colour: Colour
    strength: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """Outlines filled as one, with marks inside and a shaded side.

    ``shade`` in [0, 1] is how round it looks; ``line`` tells whether it may get an outline.
    """

    outlines: tuple[Points, ...]
    colour: Colour
    marks: tuple[Mark, ...] = ()
    shade: float = 0.5
    line: bool = True


Drawing = list[Part]


def part(
    *outlines: Points, colour: Colour, marks: Sequence[Mark] = (), shade: float = 0.5, line: bool = True
) -> Part:
    """Return a part; shorter to write than its constructor."""
    return Part(outlines=outlines, colour=colour, marks=tuple(marks), shade=shade, line=line)


def detail(*outlines: Points, colour: Colour) -> Part:
    """Return a small flat part: an eye, a nose, a claw."""
    return Part(outlines=outlines, colour=colour, shade=0.0, line=False)


def mapped(drawing: Iterable[Part], change: Callable[[Points], Points]) -> Drawing:
    """Return the drawing with every point changed."""
    return [
        replace(
            one,
            outlines=tuple(change(outline) for outline in one.outlines),
            marks=tuple(replace(mark, shape=change(mark.shape)) for mark in one.marks),
        )
        for one in drawing
    ]


def placed(drawing: Iterable[Part], x: float, y: float, scale: float = 1.0, turn: float = 0.0) -> Drawing:
    """Return the drawing turned around its origin, scaled, and moved to (x, y)."""
    return mapped(drawing, lambda points: shapes.move(shapes.turned(points, turn) * scale, x, y))


def mirrored(drawing: Iterable[Part]) -> Drawing:
    """Return the drawing mirrored at x = 0."""
    return mapped(drawing, shapes.mirrored)


def box(drawing: Iterable[Part]) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of all outlines."""
    return shapes.box(np.concatenate([outline for one in drawing for outline in one.outlines]))
