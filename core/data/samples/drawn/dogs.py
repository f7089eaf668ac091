"""Dogs: heads, ears and tails. One unit is the head's radius; a head looks at us or to the right."""

from core.data.samples.drawn import coat as coats
from core.data.samples.drawn import dog_ears, face, palette, shapes
from core.data.samples.drawn import drawing as drawings
from core.data.samples.drawn.coat import Coat
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Colour, Drawing, Mark, detail, part
from core.data.samples.drawn.limbs import Build
from core.data.samples.drawn.shapes import Points


def build(coat: Coat, dice: Dice) -> Build:
    """Return a dog's proportions, from dachshund to greyhound."""
    kind = dice.pick(("terrier", "sausage", "hound", "retriever", "spitz"))
    legs = {"terrier": 0.72, "sausage": 0.42, "hound": 1.05, "retriever": 0.85, "spitz": 0.78}[kind]
    length = {"terrier": 0.95, "sausage": 1.4, "hound": 1.15, "retriever": 1.15, "spitz": 1.0}[kind]
    depth = {"terrier": 0.62, "sausage": 0.52, "hound": 0.56, "retriever": 0.66, "spitz": 0.68}[kind]
    tails = ("curl", "bushy") if coat.fluffy or kind == "spitz" else ("whip", "whip", "curl", "stub")
    return Build(
        length=dice.around(length, 0.06),
        depth=dice.around(depth, 0.06),
        legs=dice.around(legs, 0.1),
        thick=dice.between(0.21, 0.3),
        head=dice.between(0.53, 0.65),
        neck=dice.between(0.15, 0.32),
        tail=dice.pick(tails),
        paws=1.2,
    )


def head(coat: Coat, dice: Dice, *, front: bool) -> Drawing:
    """Return a dog's head with its ears."""
    ears = dice.pick(dog_ears.EARS)
    return _front(coat, dice, ears) if front else _side(coat, dice, ears)


def _ink(coat: Coat) -> Colour:
    return palette.darker(coat.base, 0.75) if palette.brightness(coat.base) > 80 else (20, 16, 22)


def _skull(dice: Dice) -> tuple[Points, float]:
    jaw, drop = dice.between(0.46, 0.72), dice.between(0.92, 1.18)
    right = [(0.5, -0.8), (0.86, -0.42), (0.88, 0.06), (jaw + 0.06, 0.5), (jaw, 0.78 * drop)]
    left = [(-x, y) for x, y in reversed(right)]
    return shapes.smooth([(0, -0.84), *right, (0, drop), *left]), drop


def _face_marks(coat: Coat, outline: Points, dice: Dice) -> list[Mark]:
    found = coats.marks(coat, outline, dice, belly=False) if coat.pattern not in ("points", "stripes") else []
    if coat.pattern in ("bicolour", "soft"):
        light = coat.second if coat.pattern == "bicolour" else palette.lighter(coat.base, 0.45)
        blaze = shapes.smooth(
            [(0, -0.95), (0.16, -0.3), (0.5, 0.4), (0.4, 1.3), (-0.4, 1.3), (-0.5, 0.4), (-0.16, -0.3)]
        )
        found.append(Mark(shape=blaze, colour=light))
    if coat.pattern == "patches":
        found.append(Mark(shape=shapes.ellipse(0.42 * dice.sign(), -0.15, 0.42, 0.5), colour=coat.second))
    if coat.pattern == "points":
        found.append(Mark(shape=shapes.ellipse(0, 0.55, 0.6, 0.6), colour=coat.second, strength=0.8))
    if coat.pattern == "stripes":
        for side in (-1, 1):
            found.append(
                Mark(
                    shape=shapes.ellipse(side * 0.38, -0.42, 0.15, 0.09),
                    colour=palette.lighter(coat.base, 0.5),
                )
            )
    return found


def _front(coat: Coat, dice: Dice, ears: str) -> Drawing:
    skull, drop = _skull(dice)
    right, before = dog_ears.ear(ears, coat, dice)
    both = [*right, *drawings.mirrored(right)]
    outline = shapes.tufted(skull, 0.10, dice) if coat.fluffy else skull
    drawing: Drawing = [] if before else [*both]
    drawing.append(part(outline, colour=coat.base, marks=_face_marks(coat, skull, dice)))
    drawing += both if before else []
    drawing += _muzzle(coat, dice, drop)
    if dice.chance(0.12):
        return [
            *drawing,
            *face.shut(-0.38, -0.16, 0.17, _ink(coat)),
            *face.shut(0.38, -0.16, 0.17, _ink(coat)),
        ]
    size = dice.between(0.13, 0.18)
    iris = dice.pick((None, None, (128, 84, 48), (140, 186, 214)))
    right_eye = face.eye(0.38, -0.16, size, dice, iris=iris)
    return [*drawing, *right_eye, *drawings.placed(right_eye, -0.76, 0)]


def _muzzle(coat: Coat, dice: Dice, drop: float) -> Drawing:
    """Return the snout that comes towards us, with a nose and sometimes a tongue."""
    colour = palette.lighter(coat.base, 0.28)
    if coat.pattern in ("bicolour", "points"):
        colour = coat.second
    y, wide = drop - 0.48, dice.between(0.4, 0.52)
    drawing: Drawing = []
    if dice.chance(0.6):
        tongue = shapes.smooth(
            [(-0.16, y + 0.3), (0.16, y + 0.3), (0.19, y + 0.66), (0, y + 0.8), (-0.19, y + 0.66)]
        )
        drawing.append(part(tongue, colour=palette.TONGUE, shade=0.3))
    snout = shapes.smooth(
        [
            (0, y - 0.34),
            (wide * 0.7, y - 0.2),
            (wide, y + 0.18),
            (wide * 0.6, y + 0.42),
            (0, y + 0.34),
            (-wide * 0.6, y + 0.42),
            (-wide, y + 0.18),
            (-wide * 0.7, y - 0.2),
        ]
    )
    drawing.append(part(snout, colour=colour, shade=0.45, line=False))
    size = dice.between(0.2, 0.27)
    nose = shapes.smooth(
        [
            (-size, y - 0.2),
            (0, y - 0.3),
            (size, y - 0.2),
            (0.5 * size, y + 0.02),
            (0, y + 0.08),
            (-0.5 * size, y + 0.02),
        ]
    )
    ink = palette.INK if palette.brightness(colour) > 70 else (12, 10, 14)
    drawing.append(detail(nose, colour=ink))
    drawing.append(
        detail(shapes.ellipse(-0.3 * size, y - 0.19, 0.3 * size, 0.16 * size, n=12), colour=(120, 116, 124))
    )
    return drawing + face.mouth(
        0, y + 0.04, 0.55, ink if palette.brightness(colour) > 70 else (150, 140, 146)
    )


def _side(coat: Coat, dice: Dice, ears: str) -> Drawing:
    snout, stop = dice.between(1.25, 1.75), dice.between(-0.2, 0.02)
    skull = shapes.smooth(
        [
            (-0.85, 0.15),
            (-0.72, -0.55),
            (0.0, -0.86),
            (0.55, -0.58),
            (0.78, stop),
            (snout, stop + 0.12),
            (snout + 0.08, stop + 0.42),
            (snout - 0.2, 0.6),
            (0.5, 0.72),
            (-0.1, 0.86),
            (-0.6, 0.68),
        ]
    )
    outline = shapes.tufted(skull, 0.08, dice) if coat.fluffy else skull
    marks = coats.marks(coat, skull, dice, belly=False)
    if coat.pattern in ("points", "bicolour", "soft"):
        light = palette.lighter(coat.base, 0.45) if coat.pattern == "soft" else coat.second
        marks.append(Mark(shape=shapes.ellipse(snout, 0.45, snout - 0.55, 0.42), colour=light, strength=0.9))
    drawing: Drawing = []
    if ears in ("upright", "half"):
        drawing.append(
            part(
                shapes.smooth([(0.02, -0.7), (0.2, -1.32), (0.36, -1.2), (0.46, -0.55)]),
                colour=palette.darker(coat.tips, 0.3),
            )
        )
    if dice.chance(0.6):
        tongue = shapes.limb(
            [(snout - 0.45, 0.5), (snout - 0.32, 0.85), (snout - 0.3, 1.05)], [0.22, 0.26, 0.2]
        )
        drawing.append(part(tongue, colour=palette.TONGUE, shade=0.3))
    drawing.append(part(outline, colour=coat.base, marks=marks))
    drawing.append(
        face.line(
            (snout + 0.02, stop + 0.46), (snout - 0.3, 0.44), (0.72, 0.5), width=0.07, colour=_ink(coat)
        )
    )
    drawing.append(
        part(shapes.ellipse(snout + 0.04, stop + 0.17, 0.16, 0.14), colour=palette.INK, shade=0.3, line=False)
    )
    drawing += face.eye(
        0.42, -0.2, dice.between(0.13, 0.17), dice, iris=dice.pick((None, None, (128, 84, 48)))
    )
    return [*drawing, *dog_ears.side_ear(ears, coat, dice)]
