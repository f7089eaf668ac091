"""Backgrounds out of doors. Each paints the canvas and returns the height where feet may stand."""

import math

import numpy as np

from core.data.samples.drawn import palette, shapes
from core.data.samples.drawn.canvas import Canvas
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Colour

SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((132, 190, 226), (226, 240, 240)),
    ((244, 190, 160), (252, 230, 196)),
    ((150, 168, 214), (246, 214, 204)),
    ((176, 198, 206), (232, 234, 226)),
)
GREENS: tuple[Colour, ...] = ((140, 178, 98), (112, 158, 104), (166, 186, 104), (96, 142, 112))


def hill(canvas: Canvas, y: float, swing: float, colour: Colour, dice: Dice) -> None:
    """Paint one rolling hill from side to side, down to the bottom."""
    phase, waves = dice.between(0, 6.3), dice.between(0.6, 1.6)
    x = np.linspace(-4, canvas.width + 4, 28)
    crest = y + swing * np.sin(phase + waves * 2 * math.pi * x / canvas.width)
    ring = np.concatenate(
        [np.stack([x, crest], axis=1), [[canvas.width + 4, canvas.height + 4], [-4, canvas.height + 4]]]
    )
    canvas.patch(ring, colour)


def blades(canvas: Canvas, top: float, colour: Colour, dice: Dice, count: int = 46) -> None:
    """Paint tufts of grass below ``top``."""
    for _ in range(count):
        x, y = dice.between(0, canvas.width), dice.between(top, canvas.height)
        tall = (4 + 9 * (y - top) / max(canvas.height - top, 1)) * dice.between(0.7, 1.3)
        ink = palette.blend(colour, dice.pick(((60, 100, 60), (220, 226, 150))), dice.between(0.15, 0.45))
        for lean in (-0.35, 0.0, 0.4):
            canvas.patch(shapes.polygon((x - 1, y), (x + 1, y), (x + lean * tall, y - tall)), ink)


def clouds(canvas: Canvas, dice: Dice, lowest: float, colour: Colour = (252, 250, 244)) -> None:
    """Paint a few round clouds above ``lowest``."""
    for _ in range(dice.whole(1, 4)):
        x, y, size = dice.between(0, canvas.width), dice.between(0.06, 0.8) * lowest, dice.between(14, 34)
        for dx, dy, r in ((-1.1, 0.15, 0.6), (-0.4, -0.2, 0.8), (0.4, -0.1, 0.9), (1.2, 0.2, 0.55)):
            canvas.patch(
                shapes.ellipse(x + dx * size, y + dy * size, r * size, r * size * 0.62), colour, 0.85
            )


def _tree(canvas: Canvas, x: float, foot: float, tall: float, leaf: Colour, dice: Dice) -> None:
    trunk = palette.darker((150, 110, 80), dice.between(0, 0.3))
    canvas.patch(shapes.limb([(x, foot), (x, foot - tall * 0.6)], [tall * 0.12, tall * 0.07]), trunk)
    if dice.chance(0.4):
        for k in range(3):
            wide, y = tall * (0.34 - 0.08 * k), foot - tall * (0.25 + 0.22 * k)
            canvas.patch(
                shapes.polygon((x - wide, y), (x, y - tall * 0.38), (x + wide, y)),
                palette.lighter(leaf, 0.06 * k),
            )
        return
    for dx, dy, r in ((-0.2, -0.62, 0.24), (0.2, -0.6, 0.24), (0, -0.82, 0.28)):
        canvas.patch(shapes.ellipse(x + dx * tall, foot + dy * tall, r * tall, r * tall), leaf)
    canvas.patch(
        shapes.ellipse(x - 0.07 * tall, foot - 0.88 * tall, 0.14 * tall, 0.12 * tall),
        palette.lighter(leaf, 0.2),
    )


def meadow(canvas: Canvas, dice: Dice) -> float:
    """Paint hills under a day's sky, with trees, grass and flowers."""
    high = dice.between(0.42, 0.66) * canvas.height
    canvas.wash(dice.pick(SKIES))
    if dice.chance(0.5):
        canvas.patch(
            shapes.ellipse(dice.between(0.1, 0.9) * canvas.width, high * 0.35, 17, 17), (255, 240, 190)
        )
    clouds(canvas, dice, high)
    green = dice.pick(GREENS)
    hill(canvas, high - 8, 12, palette.blend(green, (190, 214, 214), 0.45), dice)
    for _ in range(dice.whole(0, 4)):
        _tree(
            canvas,
            dice.between(0, canvas.width),
            high + 8,
            dice.between(28, 70),
            palette.darker(green, 0.22),
            dice,
        )
    hill(canvas, high + 12, 7, green, dice)
    blades(canvas, high + 24, green, dice)
    for _ in range(dice.whole(0, 16)):
        x, y = dice.between(0, canvas.width), dice.between(high + 26, canvas.height)
        canvas.patch(shapes.ellipse(x, y, 2.6, 2.2, n=10), dice.pick((*palette.ACCENTS, palette.WHITE)))
    return dice.between(0.84, 0.93) * canvas.height


def sky(canvas: Canvas, dice: Dice) -> float:
    """Paint sky and clouds over a bare hilltop."""
    canvas.wash(dice.pick(SKIES))
    clouds(canvas, dice, canvas.height)
    clouds(canvas, dice, canvas.height, (240, 238, 240))
    hill(canvas, canvas.height * 0.8, 8, dice.pick(((150, 178, 184), (176, 190, 150), (214, 190, 160))), dice)
    return dice.between(0.84, 0.92) * canvas.height


def night(canvas: Canvas, dice: Dice) -> float:
    """Paint a moonlit night."""
    canvas.wash(((26, 32, 66), (64, 72, 118), (120, 108, 144)))
    for _ in range(50):
        x, y, r = dice.between(0, canvas.width), dice.between(0, canvas.height * 0.7), dice.between(0.5, 1.5)
        canvas.patch(shapes.ellipse(x, y, r, r, n=8), (236, 232, 214))
    x, y = dice.between(0.1, 0.9) * canvas.width, dice.between(0.1, 0.3) * canvas.height
    canvas.glow(x, y, 42, (220, 220, 240), 0.35)
    canvas.patch(shapes.ellipse(x, y, 17, 17), (246, 238, 206))
    high = dice.between(0.6, 0.74) * canvas.height
    hill(canvas, high - 10, 14, (58, 66, 104), dice)
    for _ in range(dice.whole(1, 5)):
        _tree(canvas, dice.between(0, canvas.width), high + 10, dice.between(34, 80), (44, 56, 88), dice)
    hill(canvas, high + 8, 6, (68, 88, 108), dice)
    blades(canvas, high + 20, (68, 88, 108), dice, 26)
    return dice.between(0.84, 0.93) * canvas.height


def forest(canvas: Canvas, dice: Dice) -> float:
    """Paint trunks, one behind the other, over a leafy floor."""
    leaf = dice.pick(((70, 110, 88), (150, 150, 80), (190, 128, 70), (88, 128, 120)))
    canvas.wash((palette.lighter(leaf, 0.65), palette.lighter(leaf, 0.35)))
    ground = dice.between(0.68, 0.78) * canvas.height
    for depth in (0.5, 0.25, 0.0):
        for _ in range(dice.whole(2, 4)):
            x, wide = dice.between(0, canvas.width), dice.between(5, 13) * (1.4 - depth)
            bark = palette.blend((92, 70, 62), palette.lighter(leaf, 0.5), depth)
            canvas.patch(
                shapes.limb([(x, -10), (x + dice.between(-8, 8), ground + 6)], [wide * 0.8, wide * 1.2]), bark
            )
        for _ in range(7):
            x, y, r = dice.between(0, canvas.width), dice.between(-20, 30), dice.between(18, 36)
            canvas.patch(
                shapes.ellipse(x, y, r * 1.3, r), palette.blend(leaf, palette.lighter(leaf, 0.5), depth), 0.9
            )
    hill(canvas, ground, 5, palette.darker(leaf, 0.2), dice)
    for _ in range(60):
        x, y = dice.between(0, canvas.width), dice.between(ground + 6, canvas.height)
        ink = palette.blend(leaf, dice.pick(((220, 170, 90), (60, 50, 50))), 0.4)
        canvas.patch(shapes.ellipse(x, y, 4, 1.8, turn=dice.between(-50, 50), n=8), ink)
    return dice.between(0.84, 0.93) * canvas.height


def snow(canvas: Canvas, dice: Dice) -> float:
    """Paint a winter's day with firs and flakes."""
    canvas.wash(((168, 188, 210), (224, 228, 232)))
    high = dice.between(0.5, 0.66) * canvas.height
    hill(canvas, high - 6, 12, (204, 216, 228), dice)
    for _ in range(dice.whole(2, 6)):
        _tree(canvas, dice.between(0, canvas.width), high + 10, dice.between(40, 84), (104, 138, 140), dice)
    hill(canvas, high + 10, 8, (240, 243, 246), dice)
    for _ in range(60):
        x, y, r = dice.between(0, canvas.width), dice.between(0, canvas.height), dice.between(0.8, 2.2)
        canvas.patch(shapes.ellipse(x, y, r, r, n=8), (252, 253, 255), 0.9)
    return dice.between(0.84, 0.93) * canvas.height


def beach(canvas: Canvas, dice: Dice) -> float:
    """Paint sand before the sea."""
    canvas.wash(dice.pick(SKIES))
    sea, sand = dice.between(0.38, 0.5) * canvas.height, dice.between(0.58, 0.68) * canvas.height
    clouds(canvas, dice, sea)
    canvas.wash(((66, 136, 164), (126, 190, 196)), sea, sand + 14)
    for _ in range(10):
        x, y = dice.between(0, canvas.width), dice.between(sea + 4, sand)
        canvas.patch(shapes.ellipse(x, y, dice.between(8, 20), 0.9, n=10), (212, 234, 232), 0.8)
    hill(canvas, sand + 3, 5, (244, 246, 240), dice)
    hill(canvas, sand + 8, 5, (232, 206, 158), dice)
    for _ in range(70):
        x, y = dice.between(0, canvas.width), dice.between(sand + 18, canvas.height)
        canvas.patch(shapes.ellipse(x, y, 1.1, 0.8, n=6), dice.pick(((204, 172, 124), (248, 230, 194))))
    return dice.between(0.84, 0.93) * canvas.height
