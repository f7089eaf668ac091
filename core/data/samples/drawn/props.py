"""What stands under the animal, and what stands in front of it. The same choices for every class."""

import math

from core.data.samples.drawn import outdoors, palette, shapes
from core.data.samples.drawn.canvas import Canvas
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Drawing, part
from core.data.samples.drawn.indoors import rectangle

SUPPORTS = ("none", "none", "none", "none", "branch", "wall", "cushion", "crate")
COVERS = (*["none"] * 9, "grass", "leaves", "fence", "box", "branch", "bush")


def support(kind: str, canvas: Canvas, x: float, y: float, wide: float, dice: Dice) -> None:
    """Paint what carries the animal whose feet stand at (x, y) and are ``wide`` apart at most."""
    half = max(wide * 0.6, 34)
    if kind == "branch":
        bark = dice.pick(((122, 88, 66), (98, 84, 80), (150, 118, 86)))
        lean = dice.between(-5, 5)
        path = [(-12, y + 12 + lean), (x, y + 7), (canvas.width + 12, y + 12 - lean)]
        canvas.paint([part(shapes.limb(path, [22, 17, 13]), colour=bark, shade=0.6)])
        _leaves(canvas, dice, [(dice.between(0, canvas.width), y + dice.between(8, 20)) for _ in range(5)], 9)
    elif kind == "wall":
        stone = dice.pick(((186, 176, 164), (206, 198, 184), (150, 150, 156)))
        canvas.paint(
            [
                part(
                    rectangle(-9, y, canvas.width + 9, canvas.height + 9),
                    colour=palette.darker(stone, 0.15),
                    shade=0.1,
                ),
                part(rectangle(-9, y - 4, canvas.width + 9, y + 9), colour=stone, shade=0.2),
            ]
        )
    elif kind == "cushion":
        cloth = dice.pick(palette.ACCENTS)
        ring = shapes.smooth(
            [
                (x - half, y),
                (x, y - 5),
                (x + half, y),
                (x + half * 1.12, y + 14),
                (x + half, y + 26),
                (x, y + 30),
                (x - half, y + 26),
                (x - half * 1.12, y + 14),
            ]
        )
        canvas.paint([part(ring, colour=cloth, shade=0.9)])
    elif kind == "crate":
        wood = (190, 146, 100)
        planks: Drawing = [
            part(rectangle(x - half, y - 3, x + half, canvas.height + 9), colour=wood, shade=0.25)
        ]
        for k in range(4):
            top = y + 8 + k * 17
            planks.append(
                part(
                    rectangle(x - half + 4, top, x + half - 4, top + 2),
                    colour=palette.darker(wood, 0.35),
                    shade=0,
                    line=False,
                )
            )
        canvas.paint(planks)


def cover(kind: str, canvas: Canvas, box: tuple[float, float, float, float], dice: Dice) -> None:
    """Paint what hides a part of the animal, whose box on the canvas is given."""
    left, top, right, bottom = box
    high = bottom - top
    if kind == "grass":
        green = dice.pick(outdoors.GREENS)
        for _ in range(80):
            x, tip = dice.between(0, canvas.width), bottom - high * dice.between(0.12, 0.34)
            root = canvas.height + 4
            lean = dice.between(-0.2, 0.2) * (root - tip)
            path = [(x, root), (x + lean * 0.3, (root + tip) / 2), (x + lean, tip)]
            canvas.patch(
                shapes.limb(path, [5, 4, 0.5], steps=3),
                palette.blend(green, dice.pick(((50, 90, 60), (214, 222, 140))), dice.between(0, 0.4)),
            )
    elif kind == "leaves":
        corner = dice.pick(((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)))
        x, y = corner[0] * canvas.width, corner[1] * canvas.height
        reach = 0.34 * min(canvas.width, canvas.height)
        spots = [(x + dice.between(-1, 1) * reach, y + dice.between(-1, 1) * reach) for _ in range(22)]
        _leaves(canvas, dice, spots, 20)
    elif kind == "fence":
        wood, y = (
            dice.pick(((236, 230, 216), (176, 140, 104), (110, 92, 84))),
            bottom - high * dice.between(0.1, 0.26),
        )
        rails: Drawing = [part(rectangle(-9, y, canvas.width + 9, y + 9), colour=wood, shade=0.2)]
        step = dice.between(46, 70)
        for i in range(int(canvas.width / step) + 2):
            x = (i - 0.3) * step
            rails.append(
                part(
                    shapes.polygon(
                        (x, y - 12),
                        (x + 5, y - 18),
                        (x + 10, y - 12),
                        (x + 10, canvas.height + 9),
                        (x, canvas.height + 9),
                    ),
                    colour=wood,
                    shade=0.3,
                )
            )
        canvas.paint(rails)
    elif kind == "box":
        card = (204, 164, 116)
        y = max(bottom - high * dice.between(0.12, 0.3), 0.66 * canvas.height)
        canvas.paint(
            [
                part(rectangle(left - 8, y, right + 8, canvas.height + 9), colour=card, shade=0.25),
                part(
                    shapes.polygon((left - 8, y), (right + 8, y), (right + 22, y + 17), (left - 22, y + 17)),
                    colour=palette.lighter(card, 0.15),
                    shade=0.2,
                ),
            ]
        )
    elif kind == "branch":
        y = top + high * dice.between(0.6, 0.85)
        slope = dice.between(-0.25, 0.25) * canvas.width
        path = [
            (-12, y - slope),
            (canvas.width * 0.5, y + dice.between(-9, 9)),
            (canvas.width + 12, y + slope),
        ]
        canvas.paint([part(shapes.limb(path, [11, 9, 6]), colour=(112, 84, 66), shade=0.5)])
        _leaves(
            canvas, dice, [(dice.between(0, canvas.width), y + dice.between(-16, 16)) for _ in range(9)], 10
        )
    elif kind == "bush":
        green, middle = dice.pick(outdoors.GREENS), dice.pick((left, right))
        rounds = [
            shapes.ellipse(
                middle + dice.between(-0.3, 0.3) * (right - left),
                dice.between(bottom - 0.16 * high, canvas.height),
                0.2 * high,
                0.18 * high,
            )
            for _ in range(9)
        ]
        canvas.paint([part(*rounds, colour=palette.darker(green, 0.15), shade=0.8)])
        _leaves(
            canvas,
            dice,
            [
                (middle + dice.between(-0.4, 0.4) * (right - left), bottom - dice.between(0, 0.24) * high)
                for _ in range(14)
            ],
            7,
        )


def _leaves(canvas: Canvas, dice: Dice, spots: list[tuple[float, float]], size: float) -> None:
    green = dice.pick((*outdoors.GREENS, (206, 140, 74)))
    for x, y in spots:
        turn = dice.between(0, 360)
        ring = shapes.smooth([(-size, 0), (0, -size * 0.42), (size, 0), (0, size * 0.42)], steps=5)
        ink = palette.blend(green, dice.pick(((40, 80, 60), (226, 228, 150))), dice.between(0, 0.35))
        canvas.patch(shapes.move(shapes.turned(ring, turn), x, y), ink)
        along = (math.cos(math.radians(turn)) * size * 0.8, math.sin(math.radians(turn)) * size * 0.8)
        canvas.stroke(
            shapes.polygon((x - along[0], y - along[1]), (x + along[0], y + along[1])),
            palette.darker(ink, 0.25),
            0.7,
        )
