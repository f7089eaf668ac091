"""One picture of the sample: which animal, in which pose, where, before what."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from PIL import Image

from core.data.samples.drawn import (
    birds,
    cats,
    dogs,
    finish,
    indoors,
    outdoors,
    palette,
    plumage,
    props,
    quadruped,
    shapes,
)
from core.data.samples.drawn import coat as coats
from core.data.samples.drawn import drawing as drawings
from core.data.samples.drawn.canvas import Canvas
from core.data.samples.drawn.dice import Dice, deck
from core.data.samples.drawn.drawing import Colour, Drawing

T = TypeVar("T")
CLASSES = ("bird", "cat", "dog")
PER_CLASS = 140
SCENES = {
    "meadow": outdoors.meadow,
    "sky": outdoors.sky,
    "night": outdoors.night,
    "forest": outdoors.forest,
    "snow": outdoors.snow,
    "beach": outdoors.beach,
    "room": indoors.room,
    "street": indoors.street,
    "garden": indoors.garden,
    "studio": indoors.studio,
    "poster": indoors.poster,
}
POSES = (*["stand", "side", "front"] * 3, "low", "low", "air", "portrait", "portrait")
SIZES = ((288, 288), (320, 240), (240, 320), (320, 256), (256, 288), (300, 260))
SHARES = (0.5, 0.6, 0.7, 0.8)  # share of the picture that the animal's box takes, before jitter
LINES = (0.0, 0.8, 1.0, 1.4)  # width of outlines in pixels


@dataclass(frozen=True)
class Plan:
    """What one picture shows. Everything but the animal itself is dealt alike for every class."""

    scene: str
    pose: str
    size: tuple[int, int]
    base: Colour
    pattern: str
    share: float
    line: float
    support: str
    cover: str
    light: str
    mirrored: bool


@lru_cache(maxsize=8)
def plans(label: str, seed: int) -> tuple[Plan, ...]:
    """Return the plans of one class: the same cards as the other classes', in another order."""

    def hand(field: str, choices: Sequence[T]) -> list[T]:
        return deck(choices, PER_CLASS, seed, label, field)

    rows = zip(
        hand("scene", tuple(SCENES)),
        hand("pose", POSES),
        hand("size", SIZES),
        hand("base", palette.COATS),
        hand("pattern", coats.PATTERNS),
        hand("share", SHARES),
        hand("line", LINES),
        hand("support", props.SUPPORTS),
        hand("cover", props.COVERS),
        hand("light", finish.LIGHTS),
        hand("mirrored", (False, True)),
        strict=True,
    )
    return tuple(Plan(*row) for row in rows)


def animal(label: str, plan: Plan, dice: Dice) -> Drawing:
    """Return the animal, feet on y = 0, in its own units."""
    coat = coats.choose(plan.base, plan.pattern, dice)
    if label == "bird":
        pose = {
            "stand": birds.perch,
            "side": dice.pick((birds.perch, birds.peck)),
            "front": birds.front,
            "low": birds.nest,
            "air": birds.fly,
            "portrait": birds.portrait,
        }[plan.pose]
        return pose(coat, plumage.build(dice), dice)
    kind = cats if label == "cat" else dogs
    body = {
        "stand": quadruped.stand,
        "side": quadruped.sit_side,
        "front": quadruped.sit_front,
        "low": quadruped.lie,
        "air": quadruped.leap,
        "portrait": quadruped.portrait,
    }[plan.pose]
    look = Dice(dice.between(0, 1))
    return body(coat, kind.build(coat, dice), lambda front: kind.head(coat, look, front=front), dice)


def draw(label: str, index: int, *, seed: int = 0) -> Image.Image:
    """Return picture ``index`` (0 to PER_CLASS - 1) of one of CLASSES: RGB, 240 to 320 pixels a side."""
    plan, dice = plans(label, seed)[index], Dice(seed, label, index)
    canvas = Canvas(*plan.size)
    canvas.line = plan.line
    canvas.light = (dice.sign() * 0.6, -0.8)
    ground = SCENES[plan.scene](canvas, Dice(seed, label, index, "scene"))
    canvas.blur(dice.between(3.0, 5.5), dice.between(0.1, 0.3))
    figure = animal(label, plan, Dice(seed, label, index, "animal"))
    if plan.mirrored:
        figure = drawings.mirrored(figure)
    figure = place(figure, plan, ground, dice)
    left, _, right, bottom = box = drawings.box(figure)
    if plan.pose not in ("air", "portrait"):
        props.support(plan.support, canvas, (left + right) / 2, bottom - 3, right - left, dice)
    if plan.pose != "portrait":
        lower = ground if plan.pose == "air" else bottom - 2
        wide = 0.42 * (right - left)
        canvas.soften([shapes.ellipse((left + right) / 2, lower, wide, wide * 0.16)], (30, 20, 50), 0.42, 6)
    halo = [outline for one in figure if one.line for outline in one.outlines]
    canvas.soften(halo, (255, 248, 236), 0.45, 9)
    canvas.paint(figure)
    props.cover(plan.cover, canvas, box, dice)
    return finish.finish(canvas.finished(), plan.light, dice)


def place(figure: Drawing, plan: Plan, ground: float, dice: Dice) -> Drawing:
    """Scale the animal to its share of the picture; put it on the ground, in the air or at the edge."""
    left, top, right, bottom = drawings.box(figure)
    wide, high = plan.size
    share = min(
        plan.share * dice.between(0.85, 1.2) * (1.25 if plan.pose in ("portrait", "air") else 1.0), 0.9
    )
    scale = (share * wide * high / ((right - left) * (bottom - top))) ** 0.5
    scale = min(scale, 0.96 * wide / (right - left), 0.9 * high / (bottom - top))
    free = max(wide - scale * (right - left), 0.0)
    x = free * dice.between(0.25, 0.75) - left * scale
    if plan.pose == "portrait":
        y = high - 0.25 * scale
    elif plan.pose == "air":
        y = dice.between(0.06, 0.5) * (high - scale * (bottom - top)) - top * scale
    else:
        y = max(ground - dice.between(0, 0.08) * high, scale * (bottom - top) + 4)
        y = min(y, high - 5)
    return drawings.placed(figure, x, y, scale)
