"""What four-legged animals are put together from: proportions, torso, legs, collar and tail."""

from dataclasses import dataclass

from core.data.samples.drawn import coat as coats
from core.data.samples.drawn import drawing as drawings
from core.data.samples.drawn import face, shapes
from core.data.samples.drawn.coat import Coat
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Colour, Drawing, Part, part
from core.data.samples.drawn.shapes import Pairs, Points


@dataclass(frozen=True, kw_only=True)
class Build:
    """Proportions, in units of about half a body. ``tail``: long, bushy, bob, whip, curl or stub."""

    length: float
    depth: float
    legs: float
    thick: float
    head: float
    neck: float
    tail: str
    paws: float


def torso(build: Build, hip: float) -> Points:
    half, depth = build.length, build.depth
    return shapes.smooth(
        [
            (half, hip - depth * 0.5),
            (half * 0.82, hip + 0.1),
            (half * 0.2, hip + 0.12),
            (-half * 0.4, hip),
            (-half * 0.85, hip + 0.06),
            (-half * 1.02, hip - depth * 0.45),
            (-half * 0.7, hip - depth * 0.9),
            (0, hip - depth * 0.84),
            (half * 0.7, hip - depth * 0.95),
        ]
    )


def leg(x: float, hip: float, swing: float, build: Build, colour: Colour, *, back: bool) -> Part:
    knee = -0.14 if back else 0.04
    path = [
        (x, hip - build.depth * 0.25),
        (x + swing * 0.4 - knee, hip * 0.55),
        (x + swing + knee * 0.8, hip * 0.25),
        (x + swing, -0.08),
    ]
    widths = [
        build.thick * (2.0 if back else 1.5),
        build.thick * (1.3 if back else 1.1),
        build.thick * 0.8,
        build.thick * 0.78,
    ]
    return part(shapes.limb(path, widths), paw(x + swing + 0.06, build), colour=colour)


def paw(x: float, build: Build, way: float = 1.0) -> Points:
    return shapes.ellipse(x + 0.04 * way, -0.085, 0.165 * build.paws, 0.1, n=18)


def collar(coat: Coat, build: Build, at: tuple[float, float], dice: Dice, share: float = 0.35) -> Drawing:
    if not dice.chance(share):
        return []
    return drawings.placed(face.collar(0, 0, 0.72, 0.26, coat.accent, dice), *at, build.head * 0.95)


def tail(coat: Coat, build: Build, root: tuple[float, float], dice: Dice, *, ground: bool = False) -> Part:
    x, y = root
    lift = dice.between(0.7, 1.15)
    path: Pairs
    widths = [0.2, 0.17, 0.14, 0.1]
    if build.tail in ("bob", "stub"):
        path, widths = [(x + 0.1, y), (x - 0.12, y - 0.12), (x - 0.2, y - 0.22)], [0.24, 0.24, 0.16]
    elif build.tail == "curl":
        path = [
            (x + 0.1, y),
            (x - 0.2, y - 0.28),
            (x - 0.08, y - 0.62),
            (x + 0.22, y - 0.6),
            (x + 0.2, y - 0.36),
        ]
        widths = [0.26, 0.28, 0.28, 0.24, 0.14]
    elif ground and dice.chance(0.5):
        path = [(x + 0.1, y), (x - 0.35, y + 0.06), (x - 0.75, y + 0.04), (x - 1.02, y - 0.12)]
    else:
        bend = dice.between(-0.3, 0.35)
        path = [(x + 0.1, y), (x - 0.4, y - 0.1), (x - 0.62, y - 0.55 * lift), (x - 0.6 - bend, y - lift)]
    if build.tail == "bushy":
        widths = [0.2, 0.38, 0.42, 0.12]
    outline = shapes.limb(path, widths)
    marks = coats.marks(coat, outline, dice, belly=False) if coat.pattern in ("stripes", "patches") else []
    if build.tail == "bushy" or coat.fluffy:
        outline = shapes.tufted(outline, 0.05, dice)
    return part(outline, colour=coat.tips, marks=marks)
