"""Dogs' ears, seen from the front and from the side. One unit is the head's radius."""

from core.data.samples.drawn import palette, shapes
from core.data.samples.drawn.coat import Coat
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Drawing, detail, part

EARS = ("floppy", "floppy", "floppy", "long", "long", "half", "half", "upright")


def ear(kind: str, coat: Coat, dice: Dice) -> tuple[Drawing, bool]:
    """Return the right ear of a head that looks at us, and whether it lies before the skull."""
    dark = palette.darker(coat.tips, dice.between(0.1, 0.35))
    if kind in ("floppy", "long"):
        drop = 0.35 if kind == "floppy" else 0.95
        flap = [
            (0.42, -0.84),
            (0.92, -0.76),
            (1.2, -0.2),
            (1.22, drop),
            (0.98, drop + 0.16),
            (0.78, drop - 0.25),
            (0.72, -0.3),
        ]
        outline = shapes.smooth(flap)
        if coat.fluffy:
            outline = shapes.tufted(outline, 0.08, dice)
        return [part(outline, colour=dark, shade=0.7)], True
    if kind == "half":
        base = shapes.smooth([(0.3, -0.72), (0.5, -1.12), (0.86, -1.06), (0.9, -0.4)])
        tip = shapes.smooth([(0.5, -1.12), (0.86, -1.08), (1.2, -0.62), (1.05, -0.5), (0.7, -0.82)])
        return [part(base, colour=coat.tips), part(tip, colour=dark)], False
    tall, wide = -1.4, 0.72
    outer = shapes.smooth(
        [(0.22, -0.7), (wide - 0.2, tall + 0.22), (wide, tall), (wide + 0.2, tall + 0.35), (0.9, -0.3)]
    )
    inner = shapes.smooth(
        [(0.44, -0.74), (wide - 0.06, tall + 0.3), (wide + 0.08, tall + 0.46), (0.8, -0.45)]
    )
    return [
        part(outer, colour=coat.tips),
        detail(inner, colour=palette.blend(coat.base, palette.PINK, 0.5)),
    ], False


def side_ear(kind: str, coat: Coat, dice: Dice) -> Drawing:
    dark = palette.darker(coat.tips, dice.between(0.15, 0.4))
    if kind in ("floppy", "long"):
        drop = 0.5 if kind == "floppy" else 1.05
        return [
            part(
                shapes.smooth(
                    [
                        (-0.35, -0.62),
                        (0.02, -0.6),
                        (0.14, 0.0),
                        (0.02, drop),
                        (-0.3, drop + 0.1),
                        (-0.52, drop - 0.3),
                        (-0.55, -0.2),
                    ]
                ),
                colour=dark,
                shade=0.7,
            )
        ]
    if kind == "half":
        return [
            part(
                shapes.smooth([(-0.55, -0.5), (-0.3, -1.05), (0.1, -1.0), (0.34, -0.5), (0.02, -0.66)]),
                colour=dark,
            )
        ]
    top = -1.42
    return [
        part(
            shapes.smooth([(-0.56, -0.45), (-0.42, top + 0.2), (-0.26, top), (0.06, -0.95), (0.1, -0.5)]),
            colour=coat.tips,
        ),
        detail(
            shapes.smooth([(-0.4, -0.6), (-0.3, top + 0.36), (-0.04, -0.74)]),
            colour=palette.blend(coat.base, palette.PINK, 0.5),
        ),
    ]
