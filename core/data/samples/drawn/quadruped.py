"""Bodies on four legs, for cats and dogs alike. Feet stand on y = 0; the animal looks to the right."""

from collections.abc import Callable

from core.data.samples.drawn import coat as coats
from core.data.samples.drawn import drawing as drawings
from core.data.samples.drawn import limbs, palette, shapes
from core.data.samples.drawn.coat import Coat
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Drawing, part

Head = Callable[[bool], Drawing]  # True: the head looks at us


def stand(coat: Coat, build: limbs.Build, head: Head, dice: Dice) -> Drawing:
    """Return the animal standing or walking, seen from its side."""
    half, hip = build.length, -build.legs
    stride = dice.pick((0.0, 0.0, 0.28, 0.4)) * build.legs
    drawing = [limbs.tail(coat, build, (-half * 0.92, hip - build.depth * 0.5), dice)]
    chest, rump = half * 0.66, -half * 0.7
    for x, swing, colour in ((chest + 0.1, -stride, coat.far), (rump + 0.14, stride, coat.far)):
        drawing.append(limbs.leg(x, hip, swing, build, colour, back=x < 0))
    body = limbs.torso(build, hip)
    outline = shapes.tufted(body, 0.07, dice) if coat.fluffy else body
    legs = [
        limbs.leg(x, hip, swing, build, coat.base, back=x < 0)
        for x, swing in ((chest, stride), (rump, -stride))
    ]
    neck_end = (half * 0.95, hip - build.depth * 0.72 - build.neck)
    neck = shapes.limb(
        [(half * 0.55, hip - build.depth * 0.35), neck_end], [build.depth * 0.95, build.head * 1.25]
    )
    marks = coats.marks(coat, body, dice)
    drawing += [*legs, part(outline, neck, colour=coat.base, marks=marks)]
    front = dice.chance(0.7)
    at = (neck_end[0] + build.head * 0.3, neck_end[1] - build.head * 0.35)
    drawing += limbs.collar(coat, build, (neck_end[0] - 0.02, neck_end[1] + build.head * 0.55), dice)
    return drawing + drawings.placed(head(front), *at, build.head, turn=dice.between(-10, 8))


def sit_side(coat: Coat, build: limbs.Build, head: Head, dice: Dice) -> Drawing:
    """Return the animal sitting, seen from its side."""
    tall, wide = 1.15 + 0.35 * build.legs, 0.62 + 0.5 * build.depth
    drawing = [limbs.tail(coat, build, (-wide * 0.75, -0.14), dice, ground=True)]
    shoulder = (0.34, -tall * 0.72)
    for x, colour in ((0.5, coat.far), (0.36, coat.base)):
        path = [shoulder, (x, -tall * 0.35), (x + 0.04, -0.08)]
        drawing.append(
            part(
                shapes.limb(path, [build.thick * 1.5, build.thick, build.thick * 0.85]),
                limbs.paw(x + 0.1, build),
                colour=colour,
            )
        )
    body = shapes.smooth(
        [
            (0.5, -tall * 0.9),
            (0.62, -tall * 0.55),
            (0.4, -tall * 0.22),
            (0.0, -0.02),
            (-wide * 0.7, -0.02),
            (-wide * 0.95, -0.3),
            (-wide * 0.72, -tall * 0.55),
            (-0.1, -tall * 0.88),
            (0.2, -tall),
        ]
    )
    outline = shapes.tufted(body, 0.07, dice) if coat.fluffy else body
    drawing.append(part(outline, colour=coat.base, marks=coats.marks(coat, body, dice)))
    haunch = shapes.ellipse(-wide * 0.42, -0.34, wide * 0.44, 0.36, turn=-20)
    foot = shapes.limb([(-wide * 0.4, -0.09), (0.08, -0.08)], [0.2, 0.17 * build.paws])
    drawing.append(
        part(haunch, foot, colour=coat.base, marks=coats.marks(coat, haunch, dice, belly=False), shade=0.6)
    )
    top = (0.36, -tall - build.neck * 0.5)
    drawing += limbs.collar(coat, build, (top[0], top[1] + build.head * 0.42), dice)
    at = (top[0] + build.head * 0.18, top[1] - build.head * 0.5)
    return drawing + drawings.placed(
        head(dice.chance(0.7)), *at, build.head * 1.08, turn=dice.between(-10, 8)
    )


def sit_front(coat: Coat, build: limbs.Build, head: Head, dice: Dice) -> Drawing:
    """Return the animal sitting and looking at us."""
    tall, wide = 1.1 + 0.3 * build.legs, 0.42 + 0.42 * build.depth
    drawing = [limbs.tail(coat, build, (-wide * 0.8, -0.16), dice, ground=True)]
    right = [(0.3, -tall), (wide * 0.72, -tall * 0.6), (wide, -0.32), (wide * 0.82, -0.03)]
    body = shapes.smooth([(0, -tall), *right, (0, -0.02), *[(-x, y) for x, y in reversed(right)]])
    outline = shapes.tufted(body, 0.07, dice) if coat.fluffy else body
    drawing.append(part(outline, colour=coat.base, marks=coats.marks(coat, body, dice)))
    for side in (-1, 1):
        drawing.append(
            part(limbs.paw(side * wide * 0.82, build, side), colour=palette.darker(coat.tips, 0.08))
        )
    light = coat.second if coat.pattern == "bicolour" else palette.lighter(coat.base, 0.12)
    for side in (-1, 1):
        x = side * build.thick * 0.62
        leg = shapes.limb([(x * 1.15, -tall * 0.58), (x, -0.1)], [build.thick, build.thick * 0.86])
        drawing.append(part(leg, limbs.paw(x, build, side * 0.3), colour=light, shade=0.4))
    at = (dice.between(-0.06, 0.06), -tall - build.head * 0.62)
    drawing += limbs.collar(coat, build, (0, -tall + 0.02), dice)
    return drawing + drawings.placed(head(True), *at, build.head * 1.15, turn=dice.between(-12, 12))


def lie(coat: Coat, build: limbs.Build, head: Head, dice: Dice) -> Drawing:
    """Return the animal lying down, seen from its side."""
    half, high = build.length * 1.02, 0.5 + 0.42 * build.depth
    drawing = [limbs.tail(coat, build, (-half * 0.85, -0.18), dice, ground=True)]
    drawing.append(
        part(shapes.limb([(half * 0.5, -0.12), (half * 1.14, -0.09)], [0.24, 0.2]), colour=coat.far)
    )
    body = shapes.smooth(
        [
            (half * 0.8, -high * 0.95),
            (half * 0.95, -high * 0.5),
            (half * 0.75, -0.05),
            (0, 0),
            (-half * 0.8, -0.02),
            (-half, -high * 0.42),
            (-half * 0.65, -high * 0.98),
            (0.1, -high * 0.9),
        ]
    )
    outline = shapes.tufted(body, 0.07, dice) if coat.fluffy else body
    drawing.append(part(outline, colour=coat.base, marks=coats.marks(coat, body, dice)))
    haunch = shapes.ellipse(-half * 0.52, -high * 0.42, half * 0.36, high * 0.4, turn=-15)
    drawing.append(
        part(
            haunch,
            shapes.limb([(-half * 0.5, -0.09), (0.0, -0.08)], [0.18, 0.16]),
            colour=coat.base,
            marks=coats.marks(coat, haunch, dice, belly=False),
            shade=0.6,
        )
    )
    drawing.append(
        part(
            shapes.limb([(half * 0.45, -0.2), (half * 0.8, -0.1), (half * 1.05, -0.08)], [0.28, 0.22, 0.2]),
            colour=coat.tips,
        )
    )
    top = (half * 0.82, -high - build.neck * 0.3)
    drawing += limbs.collar(coat, build, (top[0], top[1] + build.head * 0.36), dice)
    at = (top[0] + build.head * 0.2, top[1] - build.head * 0.36)
    return drawing + drawings.placed(
        head(dice.chance(0.7)), *at, build.head * 1.08, turn=dice.between(-8, 14)
    )


def leap(coat: Coat, build: limbs.Build, head: Head, dice: Dice) -> Drawing:
    """Return the animal in mid-leap; its lowest paw is about at y = 0."""
    half, hip = build.length * 1.1, -build.legs * 0.6
    reach = build.legs * dice.between(0.8, 1.05)
    drawing = [limbs.tail(coat, build, (-half * 0.92, hip - build.depth * 0.4), dice)]
    for lift, colour in ((-0.2, coat.far), (0.0, coat.base)):
        fore = [
            (half * 0.68, hip),
            (half * 0.68 + reach * 0.62, hip + 0.06 + lift),
            (half * 0.68 + reach, hip + 0.26 + lift),
        ]
        hind = [
            (-half * 0.7, hip - 0.1),
            (-half * 0.7 - reach * 0.5, hip + 0.3 + lift),
            (-half * 0.7 - reach, hip + 0.44 + lift),
        ]
        for path in (fore, hind):
            drawing.append(
                part(shapes.limb(path, [build.thick * 1.4, build.thick, build.thick * 0.75]), colour=colour)
            )
    body = limbs.torso(build, hip)
    outline = shapes.tufted(body, 0.07, dice) if coat.fluffy else body
    top = (half * 0.98, hip - build.depth * 0.7 - build.neck * 0.6)
    neck = shapes.limb([(half * 0.5, hip - build.depth * 0.35), top], [build.depth * 0.9, build.head * 1.2])
    drawing.append(part(outline, neck, colour=coat.base, marks=coats.marks(coat, body, dice)))
    drawing += limbs.collar(coat, build, (top[0] - 0.04, top[1] + build.head * 0.45), dice)
    at = (top[0] + build.head * 0.35, top[1] - build.head * 0.25)
    drawing += drawings.placed(head(dice.chance(0.6)), *at, build.head, turn=dice.between(-5, 12))
    return drawings.placed(drawing, 0, 0, turn=dice.between(-22, 6))


def portrait(coat: Coat, build: limbs.Build, head: Head, dice: Dice) -> Drawing:
    """Return head and shoulders; the shoulders run on below y = 0."""
    front = dice.chance(0.7)
    wide = dice.between(0.8, 1.05)
    bust = shapes.smooth(
        [
            (0, -0.55),
            (wide * 0.62, -0.35),
            (wide, 0.2),
            (wide * 1.06, 0.7),
            (-wide * 1.06, 0.7),
            (-wide, 0.2),
            (-wide * 0.62, -0.35),
        ]
    )
    outline = shapes.tufted(bust, 0.08, dice) if coat.fluffy else bust
    drawing = [part(outline, colour=coat.base, marks=coats.marks(coat, bust, dice))]
    drawing += drawings.placed(limbs.collar(coat, build, (0, 0), dice, share=0.5), 0, -0.22, 1.35)
    return drawing + drawings.placed(head(front), -0.05, -0.95, 0.82, turn=dice.between(-14, 14))
