"""What birds are put together from: proportions, heads, bodies, wings and legs."""

from dataclasses import dataclass

from core.data.samples.drawn import coat as coats
from core.data.samples.drawn import drawing as drawings
from core.data.samples.drawn import face, feathers, palette, shapes
from core.data.samples.drawn.beaks import beak_front, beak_side
from core.data.samples.drawn.coat import Coat
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Colour, Drawing, Mark, Part, part

KINDS = ("songbird", "songbird", "songbird", "owl", "wader", "parrot", "duck", "hen")


@dataclass(frozen=True, kw_only=True)
class Build:
    """Proportions. ``beak``: cone, needle, hook, flat or bow."""

    kind: str
    legs: float
    neck: float
    head: float
    plump: float
    tail: float
    beak: str
    crest: str
    beak_colour: Colour


def build(dice: Dice) -> Build:
    """Return a bird's proportions."""
    kind = dice.pick(KINDS)
    legs = {"wader": 0.85, "hen": 0.42, "owl": 0.14, "duck": 0.2, "parrot": 0.16}.get(kind, 0.3)
    neck = {"wader": 0.75, "duck": 0.42, "hen": 0.3}.get(kind, 0.0)
    beak = {
        "wader": ("needle", "bow"),
        "owl": ("hook",),
        "parrot": ("hook",),
        "duck": ("flat",),
        "hen": ("cone",),
    }
    return Build(
        kind=kind,
        legs=dice.around(legs, 0.2),
        neck=dice.around(neck, 0.25),
        head={"owl": 0.56, "wader": 0.36, "duck": 0.46}.get(kind, dice.between(0.44, 0.52)),
        plump=dice.between(0.46, 0.62),
        tail=dice.between(0.3, 0.7),
        beak=dice.pick(beak.get(kind, ("cone", "cone", "needle", "bow"))),
        crest={"hen": "comb", "parrot": "fan"}.get(kind, dice.pick(("none", "none", "fan", "tuft"))),
        beak_colour=dice.pick(palette.BEAKS),
    )


def head(coat: Coat, build: Build, dice: Dice, *, front: bool) -> Drawing:
    """Return a bird's head, one unit in radius."""
    colour = coat.second if coat.pattern in ("points", "bicolour") and dice.chance(0.5) else coat.base
    ring = shapes.ellipse(0, 0, 1.0, 0.95)
    marks = [] if coat.pattern in ("points", "stripes") else coats.marks(coat, ring, dice, belly=False)
    outline = shapes.tufted(ring, 0.08, dice) if coat.fluffy else ring
    skull = part(outline, colour=colour, marks=[*marks, *mask(coat, build, dice, front)])
    if front:
        return [*crest(coat, build, front), skull, *front_face(coat, build, dice)]
    eye = face.eye(0.3, -0.16, dice.between(0.15, 0.2), dice, iris=dice.pick((None, None, (232, 190, 70))))
    return [
        *crest(coat, build, front),
        *beak_side(build.beak, build.beak_colour, build.kind == "hen"),
        skull,
        *eye,
    ]


def mask(coat: Coat, build: Build, dice: Dice, front: bool) -> list[Mark]:
    """Return what marks the face: a cheek, a stripe through the eye, a cap, an owl's discs."""
    if build.kind == "owl" and front:
        disc = palette.lighter(coat.base, 0.5)
        return [Mark(shape=shapes.ellipse(side * 0.42, 0.02, 0.52, 0.56), colour=disc) for side in (-1, 1)]
    kind = dice.pick(("none", "cheek", "stripe", "cap"))
    if kind == "cheek":
        places = ((-0.55, 0.3), (0.55, 0.3)) if front else ((-0.05, 0.28),)
        return [
            Mark(shape=shapes.ellipse(x, y, 0.3, 0.26), colour=coat.accent, strength=0.9) for x, y in places
        ]
    if kind == "stripe":
        return [
            Mark(
                shape=shapes.limb([(-1.1, -0.1), (0.2, -0.16), (1.1, 0.0)], [0.1, 0.42, 0.16]),
                colour=coat.second,
            )
        ]
    if kind == "cap":
        return [Mark(shape=shapes.ellipse(-0.1, -1.0, 1.1, 0.72), colour=coat.second)]
    return []


def crest(coat: Coat, build: Build, front: bool) -> Drawing:
    if build.kind == "owl":
        tufts = [shapes.smooth([(s * 0.35, -0.75), (s * 0.86, -1.28), (s * 0.92, -0.4)]) for s in (-1, 1)]
        return [part(*tufts, colour=palette.darker(coat.base, 0.15))]
    if build.crest == "comb":
        lobes = [shapes.ellipse(x, -0.98, 0.24, 0.3) for x in (-0.32, 0.02, 0.34)]
        return [part(*lobes, colour=(214, 62, 60))]
    lean = 0.0 if front else -0.3
    if build.crest == "fan":
        plumes = [
            shapes.limb([(x * 0.4, -0.7), (x + lean, -1.3 - 0.16 * (1 - abs(x)))], [0.26, 0.12])
            for x in (-0.4, 0, 0.4)
        ]
        return [part(*plumes, colour=coat.accent if build.kind == "parrot" else coat.second)]
    if build.crest == "tuft":
        return [part(shapes.smooth([(-0.5, -0.6), (-0.75 + lean, -1.35), (0.35, -0.8)]), colour=coat.base)]
    return []


def front_face(coat: Coat, build: Build, dice: Dice) -> Drawing:
    owl = build.kind == "owl"
    size = dice.between(0.26, 0.34) if owl else dice.between(0.14, 0.2)
    iris = dice.pick(((240, 186, 60), (226, 132, 48))) if owl else None
    right = face.eye(0.42, -0.05 if owl else -0.16, size, dice, iris=iris)
    return [*right, *drawings.placed(right, -0.84, 0), *beak_front(build.beak, build.beak_colour)]


def raised_head(coat: Coat, build: Build, dice: Dice, where: tuple[float, float]) -> Drawing:
    at = (where[0] + 0.05 + build.neck * 0.25, where[1] - build.neck)
    bend = (at[0] + 0.12 * build.neck, where[1] - build.neck * 0.45)
    neck = part(
        shapes.limb(
            [(where[0] - 0.25, where[1] + 0.3), bend, at],
            [build.plump * 1.25, build.head * 1.15, build.head * 1.1],
        ),
        colour=coat.base,
        line=bool(build.neck),
    )
    facing = dice.chance(0.75 if build.kind == "owl" else 0.18)
    top = head(coat, build, dice, front=facing)
    return [neck, *drawings.placed(top, *at, build.head, turn=dice.between(-10, 12))]


def body(
    coat: Coat, build: Build, dice: Dice, middle: tuple[float, float], tilt: float
) -> tuple[Drawing, tuple[float, float]]:
    """Return tail, body and folded wing, and where the head goes."""
    plump = build.plump
    egg = shapes.smooth(
        [
            (0.78, -plump * 0.3),
            (0.66, plump * 0.5),
            (0.1, plump * 0.92),
            (-0.55, plump * 0.52),
            (-1.0, 0.02),
            (-0.45, -plump * 0.58),
            (0.3, -plump * 0.82),
        ]
    )
    tail = [shapes.limb([(-0.75, 0.04), (-1.0 - build.tail, y)], [0.26, 0.17]) for y in (-0.06, 0.1, 0.24)]
    if build.kind == "hen":
        tail = [
            shapes.limb([(-0.6, 0.0), (-1.0, -0.3), (-1.1 - x, -0.85)], [0.3, 0.28, 0.12])
            for x in (-0.1, 0.12, 0.34)
        ]
    outline = shapes.tufted(egg, 0.06, dice) if coat.fluffy else egg
    wing = shapes.smooth(
        [(0.4, -0.22 * plump), (0.3, 0.3 * plump), (-0.3, 0.42 * plump), (-1.12, 0.22), (-0.4, -0.36 * plump)]
    )
    drawing = [
        part(*tail, colour=palette.darker(coat.tips, 0.25)),
        part(outline, colour=coat.base, marks=feathers.rows(coat, egg, dice)),
        part(wing, colour=palette.darker(coat.tips, 0.14), marks=feathers.quills(coat, wing), shade=0.8),
    ]
    tipped = shapes.turned(shapes.polygon((0.62, -plump * 0.62)), tilt)[0]
    where = (middle[0] + float(tipped[0]), middle[1] + float(tipped[1]))
    return drawings.placed(drawing, *middle, turn=tilt), where


def wing(
    colour: Colour, root: tuple[float, float], lean: float, reach: float, coat: Coat | None = None
) -> Drawing:
    """Return a spread wing with fingered tips, ``reach`` high (negative: raised)."""
    x, y = root
    quills = []
    for i in range(6):
        share = i / 5
        tip = (x + lean - 0.85 * share + 0.28, y + reach * (1 - 0.5 * share))
        quills.append(shapes.limb([(x + 0.28 - 0.6 * share, y), tip], [0.4, 0.34, 0.2]))
    drawing = [part(*quills, colour=palette.darker(colour, 0.22))]
    covert = shapes.smooth(
        [
            (x + 0.45, y),
            (x + lean * 0.55 + 0.42, y + reach * 0.6),
            (x + lean * 0.4 - 0.3, y + reach * 0.45),
            (x - 0.55, y),
        ]
    )
    marks = coats.marks(coat, covert, Dice(reach), belly=False) if coat else []
    return [*drawing, part(covert, colour=colour, marks=marks)]


def legs(build: Build, dice: Dice, places: tuple[float, float]) -> list[Part]:
    colour = build.beak_colour
    found = []
    step = dice.pick((0.0, 0.0, 0.14)) if build.legs > 0.25 else 0.0
    for x, way in zip(places, (-1, 1), strict=True):
        foot = x + step * way
        shin = shapes.limb(
            [(x * 0.8, -build.legs - 0.25), (foot - 0.06, -build.legs * 0.5), (foot, -0.04)],
            [0.12, 0.075, 0.075],
        )
        toes = [shapes.limb([(foot, -0.05), (foot + dx, -0.02)], [0.07, 0.045]) for dx in (-0.14, 0.12, 0.22)]
        found.append(part(shin, *toes, colour=palette.darker(colour, 0.1), shade=0.2))
    return found
