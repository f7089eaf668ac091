"""Cats: heads, ears and tails. One unit is the head's radius; a head looks at us or to the right."""

from core.data.samples.drawn import coat as coats
from core.data.samples.drawn import drawing as drawings
from core.data.samples.drawn import face, palette, shapes
from core.data.samples.drawn.coat import Coat
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Colour, Drawing, Mark, detail, part
from core.data.samples.drawn.limbs import Build
from core.data.samples.drawn.shapes import Points


def build(coat: Coat, dice: Dice) -> Build:
    """Return a cat's proportions: slender to stocky, a thin, bushy or bobbed tail."""
    slim = dice.between(0.0, 1.0)
    tail = (
        dice.pick(("long", "long", "bushy", "bob"))
        if not coat.fluffy
        else dice.pick(("bushy", "bushy", "bob"))
    )
    return Build(
        length=dice.between(0.82, 1.02),
        depth=0.6 - 0.12 * slim,
        legs=dice.between(0.66, 0.9),
        thick=0.24 - 0.05 * slim,
        head=dice.between(0.56, 0.68),
        neck=0.1,
        tail=tail,
        paws=0.9,
    )


def head(coat: Coat, dice: Dice, *, front: bool) -> Drawing:
    """Return a cat's head with its ears."""
    ears = dice.pick((*["upright", "wide", "tufted"] * 4, "folded"))
    return _front(coat, dice, ears) if front else _side(coat, dice, ears)


def _ink(coat: Coat) -> Colour:
    return palette.darker(coat.base, 0.75) if palette.brightness(coat.base) > 80 else (20, 16, 22)


def _ear(kind: str, coat: Coat) -> Drawing:
    """Return the right ear of a head that looks at us."""
    if kind == "folded":
        flap = shapes.smooth([(0.3, -0.78), (0.6, -1.0), (0.86, -0.72), (0.78, -0.46), (0.5, -0.6)])
        return [part(flap, colour=palette.darker(coat.tips, 0.12), shade=0.6)]
    tip = {"upright": (0.68, -1.42), "wide": (1.02, -1.22), "tufted": (0.74, -1.5)}[kind]
    outer = shapes.smooth(
        [(0.16, -0.7), (tip[0] - 0.16, tip[1] + 0.3), tip, (0.93, -0.72), (0.94, -0.2), (0.5, -0.3)]
    )
    inner = shapes.smooth([(0.4, -0.76), (tip[0] - 0.08, tip[1] + 0.32), (0.8, -0.66), (0.76, -0.4)])
    found = [
        part(outer, colour=coat.tips, shade=0.4),
        detail(inner, colour=palette.blend(coat.base, palette.PINK, 0.65)),
    ]
    if kind == "tufted":
        found.append(
            detail(
                shapes.limb([(tip[0] - 0.02, tip[1] + 0.12), (tip[0] + 0.06, tip[1] - 0.22)], [0.12, 0.01]),
                colour=_ink(coat),
            )
        )
    return found


def _skull(dice: Dice) -> Points:
    cheek, jaw = dice.between(0.94, 1.1), dice.between(0.5, 0.72)
    right = [(0.45, -0.8), (0.88, -0.38), (cheek, 0.16), (jaw + 0.08, 0.62), (jaw * 0.5, 0.84)]
    left = [(-x, y) for x, y in reversed(right)]
    return shapes.smooth([(0, -0.82), *right, (0, 0.88), *left])


def _face_marks(coat: Coat, outline: Points, dice: Dice) -> list[Mark]:
    found = coats.marks(coat, outline, dice, belly=False) if coat.pattern not in ("stripes", "points") else []
    if coat.pattern == "stripes":
        for x, lean in ((-0.32, -0.08), (0, 0), (0.32, 0.08)):
            found.append(
                Mark(shape=shapes.limb([(x + lean, -0.9), (x, -0.38)], [0.17, 0.02]), colour=coat.second)
            )
        for side in (-1, 1):
            for y in (0.1, 0.32):
                found.append(
                    Mark(
                        shape=shapes.limb([(side * 1.1, y), (side * 0.68, y + 0.04)], [0.12, 0.02]),
                        colour=coat.second,
                    )
                )
    if coat.pattern == "points":
        found.append(Mark(shape=shapes.ellipse(0, 0.28, 0.55, 0.55), colour=coat.second, strength=0.75))
    if coat.pattern == "bicolour":
        found.append(
            Mark(
                shape=shapes.smooth([(0, -0.5), (0.3, 0.1), (0.8, 0.7), (0, 1.1), (-0.8, 0.7), (-0.3, 0.1)]),
                colour=coat.second,
            )
        )
    return found


def _front(coat: Coat, dice: Dice, ears: str) -> Drawing:
    skull = _skull(dice)
    outline = shapes.tufted(skull, 0.11, dice) if coat.fluffy else skull
    right = _ear(ears, coat)
    drawing = [
        *right,
        *drawings.mirrored(right),
        part(outline, colour=coat.base, marks=_face_marks(coat, skull, dice)),
    ]
    pads = palette.lighter(coat.base, 0.5) if coat.pattern != "points" else palette.lighter(coat.second, 0.25)
    for side in (-1, 1):
        drawing.append(detail(shapes.ellipse(side * 0.21, 0.46, 0.27, 0.2), colour=pads))
    drawing += _eyes(coat, dice)
    nose = shapes.smooth([(-0.13, 0.22), (0.13, 0.22), (0.03, 0.37), (-0.03, 0.37)])
    drawing.append(detail(nose, colour=dice.pick((palette.PINK, palette.INK, (190, 110, 104)))))
    drawing += face.mouth(0, 0.35, 0.42, _ink(coat))
    return drawing + face.whiskers(0, 0.44, dice.between(1.0, 1.4), dice, _whisker(coat))


def _whisker(coat: Coat) -> Colour:
    return (
        palette.lighter(coat.base, 0.8)
        if palette.brightness(coat.base) < 130
        else palette.darker(coat.base, 0.6)
    )


def _eyes(coat: Coat, dice: Dice) -> Drawing:
    if dice.chance(0.15):
        return [*face.shut(-0.42, 0.02, 0.2, _ink(coat)), *face.shut(0.42, 0.02, 0.2, _ink(coat))]
    iris, size, slit = dice.pick(palette.IRISES), dice.between(0.18, 0.25), dice.chance(0.75)
    right = face.eye(0.42, -0.02, size, dice, iris=iris, slit=slit)
    return [*right, *drawings.placed(right, -0.84, 0)]


def _side(coat: Coat, dice: Dice, ears: str) -> Drawing:
    skull = shapes.smooth(
        [
            (-0.9, 0.1),
            (-0.7, -0.6),
            (0.0, -0.88),
            (0.55, -0.62),
            (0.78, -0.12),
            (1.06, 0.16),
            (1.02, 0.44),
            (0.6, 0.72),
            (0.0, 0.86),
            (-0.62, 0.66),
        ]
    )
    outline = shapes.tufted(skull, 0.10, dice) if coat.fluffy else skull
    marks = coats.marks(coat, skull, dice, belly=False)
    if coat.pattern in ("points", "bicolour"):
        marks.append(Mark(shape=shapes.ellipse(0.85, 0.4, 0.5, 0.45), colour=coat.second, strength=0.9))
    near = shapes.smooth([(-0.62, -0.5), (-0.5, -1.36), (-0.3, -1.3), (0.16, -0.72), (-0.2, -0.4)])
    far = shapes.smooth([(0.0, -0.7), (0.28, -1.36), (0.44, -1.2), (0.58, -0.6)])
    if ears == "folded":
        near = shapes.smooth([(-0.5, -0.66), (-0.2, -1.0), (0.2, -0.86), (0.1, -0.52), (-0.3, -0.5)])
        far = shapes.smooth([(0.1, -0.76), (0.34, -1.0), (0.54, -0.74), (0.4, -0.5)])
    inner = shapes.smooth([(-0.46, -0.6), (-0.4, -1.1), (0.0, -0.72)])
    drawing = [
        part(far, colour=palette.darker(coat.tips, 0.25)),
        part(outline, colour=coat.base, marks=marks),
        part(near, colour=coat.tips, shade=0.4),
    ]
    if ears != "folded":
        drawing.append(detail(inner, colour=palette.blend(coat.base, palette.PINK, 0.6)))
    drawing += face.eye(0.48, -0.12, 0.19, dice, iris=dice.pick(palette.IRISES), slit=True)
    drawing.append(
        detail(shapes.ellipse(1.04, 0.17, 0.11, 0.09), colour=dice.pick((palette.PINK, palette.INK)))
    )
    drawing.append(face.line((1.0, 0.3), (0.85, 0.46), (0.6, 0.42), width=0.06, colour=_ink(coat)))
    for tilt in (-0.15, 0.05, 0.25):
        drawing.append(
            face.line(
                (0.75, 0.34), (0.3, 0.36 + tilt), (-0.12, 0.4 + 1.5 * tilt), width=0.03, colour=_whisker(coat)
            )
        )
    return drawing
