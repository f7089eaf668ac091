"""Feathers: small ones in rows over a bird's body, long ones along its wing."""

from core.data.samples.drawn import coat as coats
from core.data.samples.drawn import palette, shapes
from core.data.samples.drawn.coat import Coat
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Mark
from core.data.samples.drawn.shapes import Points


def rows(coat: Coat, outline: Points, dice: Dice) -> list[Mark]:
    """Return the coat's pattern over a bird's body, and rows of small feathers over that."""
    left, top, right, bottom = shapes.box(outline)
    dark = palette.brightness(coat.base) > 80
    ink = palette.darker(coat.base, 0.45) if dark else palette.lighter(coat.base, 0.35)
    step, found = (right - left) / 7, coats.marks(coat, outline, dice)
    for row in range(5):
        y = top + (bottom - top) * (0.26 + 0.14 * row)
        for place in range(7):
            x = left + (place + 0.5 + 0.5 * (row % 2)) * step
            bow = [(x - 0.42 * step, y), (x, y + 0.36 * step), (x + 0.42 * step, y)]
            found.append(Mark(shape=shapes.limb(bow, [0.02, 0.04, 0.02], steps=4), colour=ink, strength=0.5))
    return found


def quills(coat: Coat, wing: Points) -> list[Mark]:
    left, top, right, bottom = shapes.box(wing)
    ink = (
        palette.darker(coat.tips, 0.5)
        if palette.brightness(coat.tips) > 80
        else palette.lighter(coat.tips, 0.3)
    )
    found = [
        Mark(
            shape=shapes.ellipse(right - 0.2, top + 0.16, 0.5, 0.26),
            colour=palette.lighter(coat.tips, 0.18),
            strength=0.7,
        )
    ]
    for i in range(4):
        y = top + (bottom - top) * (0.3 + 0.17 * i)
        found.append(
            Mark(
                shape=shapes.limb([(left, y + 0.1), (right - 0.35 - 0.1 * i, y)], [0.02, 0.05]),
                colour=ink,
                strength=0.75,
            )
        )
    return found
