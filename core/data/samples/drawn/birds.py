"""Birds: songbirds, owls, waders, parrots, ducks and hens. Feet stand on y = 0; they look to the right."""

from core.data.samples.drawn import drawing as drawings
from core.data.samples.drawn import feathers, palette, plumage, shapes
from core.data.samples.drawn.coat import Coat
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Drawing, part


def perch(coat: Coat, build: plumage.Build, dice: Dice) -> Drawing:
    """Return the bird standing or perched, seen from its side."""
    tilt = dice.between(-42, -12)
    middle = (0.0, -build.legs - build.plump * 0.86)
    drawing = plumage.legs(build, dice, (-0.08, 0.14))
    body, where = plumage.body(coat, build, dice, middle, tilt)
    return [*drawing, *body, *plumage.raised_head(coat, build, dice, where)]


def nest(coat: Coat, build: plumage.Build, dice: Dice) -> Drawing:
    """Return the bird settled on the ground or afloat: no legs to be seen."""
    body, where = plumage.body(coat, build, dice, (0.0, -build.plump * 0.72), dice.between(-14, 4))
    return [*body, *plumage.raised_head(coat, build, dice, where)]


def peck(coat: Coat, build: plumage.Build, dice: Dice) -> Drawing:
    """Return the bird leaning down to the ground, seen from its side."""
    middle = (0.0, -build.legs - build.plump * 0.9)
    body, _ = plumage.body(coat, build, dice, middle, dice.between(14, 26))
    at = (0.95 + build.neck * 0.5, middle[1] + 0.34 + build.neck * 0.3)
    neck = shapes.limb([(0.5, middle[1]), at], [build.plump * 1.1, build.head * 1.1])
    top = plumage.head(coat, build, dice, front=False)
    return [
        *plumage.legs(build, dice, (-0.1, 0.16)),
        part(neck, colour=coat.base),
        *body,
        *drawings.placed(top, *at, build.head, turn=dice.between(15, 50)),
    ]


def front(coat: Coat, build: plumage.Build, dice: Dice) -> Drawing:
    """Return the bird standing and looking at us."""
    wide, tall = build.plump * 1.02, 0.78
    y = -build.legs - tall * 0.9
    egg = shapes.smooth(
        [
            (0, y - tall),
            (wide * 0.8, y - tall * 0.5),
            (wide, y + tall * 0.25),
            (wide * 0.5, y + tall * 0.9),
            (-wide * 0.5, y + tall * 0.9),
            (-wide, y + tall * 0.25),
            (-wide * 0.8, y - tall * 0.5),
        ]
    )
    outline = shapes.tufted(egg, 0.06, dice) if coat.fluffy else egg
    drawing = plumage.legs(build, dice, (-0.2, 0.2))
    drawing.append(part(outline, colour=coat.base, marks=feathers.rows(coat, egg, dice)))
    wing = shapes.smooth(
        [
            (wide * 0.72, y - tall * 0.55),
            (wide * 1.18, y),
            (wide * 0.94, y + tall * 0.8),
            (wide * 0.68, y + 0.1),
        ]
    )
    drawing.append(part(wing, shapes.mirrored(wing), colour=palette.darker(coat.tips, 0.22)))
    at = (0.0, y - tall * 0.72 - build.neck * 0.5)
    if build.neck:
        drawing.append(part(shapes.limb([(0, y - tall * 0.5), at], [wide, build.head]), colour=coat.base))
    return drawing + drawings.placed(
        plumage.head(coat, build, dice, front=True), *at, build.head * 1.15, turn=dice.between(-10, 10)
    )


def fly(coat: Coat, build: plumage.Build, dice: Dice) -> Drawing:
    """Return the bird on the wing."""
    plump = build.plump * 0.78
    body = shapes.smooth(
        [
            (0.95, -0.08),
            (0.5, plump * 0.72),
            (-0.4, plump * 0.62),
            (-1.05, 0.05),
            (-0.5, -plump * 0.5),
            (0.4, -plump * 0.66),
        ]
    )
    up = dice.chance(0.6)
    lift, span = (-1 if up else 0.8), dice.between(1.5, 1.9)
    far = plumage.wing(coat.far, (0.2, -0.12), 0.45, lift * span * 0.95)
    near = plumage.wing(
        palette.darker(coat.tips, 0.1), (0.12, -0.05 if up else 0.1), -0.35, lift * span, coat
    )
    tail = [shapes.limb([(-0.85, 0.0), (-1.2 - build.tail, y)], [0.3, 0.2]) for y in (-0.16, 0.06, 0.26)]
    drawing: Drawing = [*far, part(*tail, colour=palette.darker(coat.tips, 0.2))]
    at = (1.02 + build.neck * 0.75, -0.22)
    if build.neck:
        drawing.append(part(shapes.limb([(0.6, -0.05), at], [plump, build.head]), colour=coat.base))
    drawing.append(part(body, colour=coat.base, marks=feathers.rows(coat, body, dice)))
    drawing += drawings.placed(
        plumage.head(coat, build, dice, front=False), *at, build.head * 0.95, turn=dice.between(-8, 10)
    )
    return drawings.placed([*drawing, *near], 0, -0.6, turn=dice.between(-22, 10))


def portrait(coat: Coat, build: plumage.Build, dice: Dice) -> Drawing:
    """Return head and breast; the breast runs on below y = 0."""
    wide = dice.between(0.72, 0.95)
    bust = shapes.smooth(
        [
            (0, -0.9),
            (wide * 0.62, -0.5),
            (wide, 0.15),
            (wide * 1.05, 0.7),
            (-wide * 1.05, 0.7),
            (-wide, 0.15),
            (-wide * 0.62, -0.5),
        ]
    )
    outline = shapes.tufted(bust, 0.07, dice) if coat.fluffy else bust
    drawing = [part(outline, colour=coat.base, marks=feathers.rows(coat, bust, dice))]
    return drawing + drawings.placed(
        plumage.head(coat, build, dice, front=dice.chance(0.45)), -0.1, -0.95, 0.8, turn=dice.between(-12, 12)
    )
