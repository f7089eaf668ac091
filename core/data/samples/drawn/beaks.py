"""Beaks, seen from the side or from the front. One unit is the head's radius."""

from core.data.samples.drawn import palette, shapes
from core.data.samples.drawn.drawing import Colour, Drawing, part

_SIDE: dict[str, list[tuple[float, float]]] = {
    "cone": [(0.7, -0.32), (1.25, -0.1), (1.62, 0.12), (1.2, 0.22), (0.7, 0.32)],
    "needle": [(0.75, -0.18), (1.6, -0.02), (2.5, 0.14), (1.6, 0.16), (0.75, 0.2)],
    "hook": [(0.6, -0.42), (1.15, -0.34), (1.44, 0.1), (1.3, 0.52), (1.08, 0.28), (0.7, 0.3)],
    "flat": [(0.7, -0.2), (1.2, 0.0), (1.8, 0.02), (1.86, 0.2), (1.3, 0.34), (0.72, 0.32)],
    "bow": [(0.72, -0.22), (1.4, -0.16), (2.0, 0.12), (2.25, 0.5), (1.85, 0.26), (1.3, 0.14), (0.74, 0.2)],
}


def beak_side(kind: str, colour: Colour, wattle: bool) -> Drawing:
    """Return a beak that points to the right, with the line between its halves."""
    outline = shapes.smooth(_SIDE[kind])
    tip = max(x for x, _ in _SIDE[kind])
    split = shapes.limb([(0.8, 0.06), (tip - 0.25, 0.13)], [0.05, 0.03])
    drawing = [
        part(outline, colour=colour, shade=0.5),
        part(split, colour=palette.darker(colour, 0.5), shade=0, line=False),
    ]
    if wattle:
        drawing.insert(0, part(shapes.ellipse(0.92, 0.56, 0.18, 0.34), colour=(214, 62, 60)))
    return drawing


def beak_front(kind: str, colour: Colour) -> Drawing:
    """Return a beak that points at us."""
    if kind == "flat":
        outline = shapes.smooth(
            [(-0.2, 0.02), (0.2, 0.02), (0.46, 0.4), (0.2, 0.5), (-0.2, 0.5), (-0.46, 0.4)]
        )
    elif kind == "hook":
        outline = shapes.smooth([(-0.18, 0.02), (0.18, 0.02), (0.2, 0.34), (0, 0.66), (-0.2, 0.34)])
    else:
        long = 0.7 if kind in ("needle", "bow") else 0.52
        outline = shapes.polygon((0, -0.08), (0.28, 0.16), (0, long), (-0.28, 0.16))
    split = shapes.limb([(-0.2, 0.2), (0, 0.27), (0.2, 0.2)], [0.03, 0.05, 0.03])
    return [
        part(outline, colour=colour),
        part(split, colour=palette.darker(colour, 0.5), shade=0, line=False),
    ]
