"""What faces share: eyes, noses, whiskers, smiles, collars. One unit is the head's radius."""

from core.data.samples.drawn import palette, shapes
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Colour, Drawing, Part, detail, part


def eye(
    x: float, y: float, size: float, dice: Dice, *, iris: Colour | None = None, slit: bool = False
) -> Drawing:
    """Return an open eye: with a coloured iris (and a slit), or dark with a glint."""
    glint = detail(
        shapes.ellipse(x - 0.3 * size, y - 0.35 * size, 0.3 * size, 0.3 * size, n=14), colour=palette.WHITE
    )
    if iris is None:
        return [detail(shapes.ellipse(x, y, size, size * 1.08), colour=palette.INK), glint]
    wide = dice.pick((0.26, 0.42, 0.6)) if slit else 0.55
    return [
        detail(shapes.ellipse(x, y, size * 1.18, size * 1.12), colour=palette.INK),
        detail(shapes.ellipse(x, y, size, size * 0.94), colour=iris),
        detail(shapes.ellipse(x, y, size * wide, size * 0.82), colour=palette.INK),
        glint,
    ]


def shut(x: float, y: float, size: float, colour: Colour) -> Drawing:
    """Return a contented shut eye."""
    path = [(x - size, y - 0.1 * size), (x, y + 0.45 * size), (x + size, y - 0.1 * size)]
    return [detail(shapes.limb(path, [0.12 * size, 0.38 * size, 0.12 * size]), colour=colour)]


def line(*path: tuple[float, float], width: float, colour: Colour) -> Part:
    """Return a thin curve with pointed ends: a mouth, a whisker."""
    return detail(shapes.limb(path, [width, width, width * 0.35], steps=5), colour=colour)


def mouth(x: float, y: float, size: float, colour: Colour) -> Drawing:
    """Return the two small curves under a nose at (x, y)."""
    width = 0.11 * size
    return [
        line(
            (x, y),
            (x, y + 0.3 * size),
            (x - 0.25 * size, y + 0.52 * size),
            (x - 0.55 * size, y + 0.42 * size),
            width=width,
            colour=colour,
        ),
        line(
            (x, y + 0.3 * size),
            (x + 0.25 * size, y + 0.52 * size),
            (x + 0.55 * size, y + 0.42 * size),
            width=width,
            colour=colour,
        ),
    ]


def whiskers(x: float, y: float, length: float, dice: Dice, colour: Colour) -> Drawing:
    """Return whiskers on both sides of (x, y)."""
    found = []
    for side in (-1, 1):
        for lift in (-0.16, 0.0, 0.16):
            tip = lift * 1.7 + dice.between(-0.06, 0.06)
            path = [
                (x + side * 0.22, y + lift * 0.4),
                (x + side * 0.6 * length, y + lift),
                (x + side * length, y + tip + 0.05),
            ]
            found.append(line(*path, width=0.042, colour=colour))
    return found


def collar(x: float, y: float, wide: float, thick: float, colour: Colour, dice: Dice) -> Drawing:
    """Return a collar bowed around a neck, now and then with a tag."""
    path = [(x - wide, y - 0.08), (x, y + 0.12), (x + wide, y - 0.08)]
    found = [part(shapes.limb(path, [thick, thick]), colour=colour, shade=0.3)]
    if dice.chance(0.6):
        found.append(part(shapes.ellipse(x, y + 0.22, 0.12, 0.12), colour=(244, 204, 92), shade=0.6))
    return found
