"""Backgrounds in rooms, streets and studios. Each paints the canvas and returns where feet may stand."""

from core.data.samples.drawn import outdoors, palette, shapes
from core.data.samples.drawn.canvas import Canvas
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Colour
from core.data.samples.drawn.shapes import Points

WALLS: tuple[Colour, ...] = (
    (222, 206, 186),
    (188, 204, 206),
    (214, 190, 186),
    (196, 204, 176),
    (126, 142, 158),
    (232, 214, 158),
)


def rectangle(left: float, top: float, right: float, bottom: float) -> Points:
    """Return a rectangle's corners."""
    return shapes.polygon((left, top), (right, top), (right, bottom), (left, bottom))


def room(canvas: Canvas, dice: Dice) -> float:
    """Paint a room: papered wall, floor, and some of window, picture, lamp, plant and rug."""
    wall, floor = (
        dice.pick(WALLS),
        dice.pick(((170, 124, 88), (196, 156, 112), (150, 140, 134), (120, 90, 76))),
    )
    wide, high = canvas.width, canvas.height
    edge = dice.between(0.66, 0.76) * high
    canvas.wash((palette.lighter(wall, 0.12), palette.darker(wall, 0.06)))
    _paper(canvas, dice, wall, edge)
    canvas.wash((palette.darker(floor, 0.08), palette.lighter(floor, 0.12)), edge)
    for i in range(1, 5):
        y = edge + (high - edge) * (i / 5) ** 1.4
        canvas.patch(rectangle(0, y, wide, y + 1), palette.darker(floor, 0.2))
    canvas.patch(rectangle(0, edge - 7, wide, edge), palette.lighter(wall, 0.5))
    if dice.chance(0.5):
        _window(canvas, dice, dice.between(0.05, 0.6) * wide, edge * 0.14, wide * 0.32, edge * 0.55)
    for _ in range(dice.whole(0, 2)):
        _picture(canvas, dice, dice.between(0.05, 0.75) * wide, dice.between(0.08, 0.3) * edge)
    if dice.chance(0.45):
        _plant(canvas, dice, dice.pick((0.1, 0.9)) * wide, edge + 12)
    if dice.chance(0.5):
        canvas.patch(
            shapes.ellipse(wide / 2, high * 0.93, wide * 0.46, high * 0.1), dice.pick(palette.ACCENTS), 0.75
        )
        canvas.patch(shapes.ellipse(wide / 2, high * 0.93, wide * 0.38, high * 0.075), palette.WHITE, 0.3)
    return dice.between(0.85, 0.93) * high


def _paper(canvas: Canvas, dice: Dice, wall: Colour, edge: float) -> None:
    kind = dice.pick(("plain", "stripes", "dots", "leaves"))
    ink, step = palette.lighter(wall, 0.3), dice.between(15, 26)
    if kind == "plain":
        return
    for i in range(int(canvas.width / step) + 1):
        if kind == "stripes":
            canvas.patch(rectangle(i * step, 0, i * step + step * 0.4, edge), ink, 0.7)
            continue
        for k in range(int(edge / step) + 1):
            x, y = (i + 0.5 * (k % 2)) * step, k * step
            turn = 40 if (i + k) % 2 else -40
            canvas.patch(
                shapes.ellipse(x, y, step * 0.17, step * (0.17 if kind == "dots" else 0.07), turn, 10), ink
            )


def _window(canvas: Canvas, dice: Dice, x: float, y: float, wide: float, tall: float) -> None:
    canvas.patch(rectangle(x - 5, y - 5, x + wide + 5, y + tall + 5), (246, 242, 232))
    glass = dice.pick(((176, 214, 232), (44, 52, 88), (246, 204, 170)))
    canvas.patch(rectangle(x, y, x + wide, y + tall), glass)
    canvas.patch(
        shapes.ellipse(x + wide * 0.3, y + tall, wide * 0.3, tall * 0.3)[18:],
        palette.blend(glass, (90, 130, 90), 0.6),
    )
    canvas.patch(rectangle(x + wide / 2 - 2, y, x + wide / 2 + 2, y + tall), (246, 242, 232))
    canvas.patch(rectangle(x, y + tall / 2 - 2, x + wide, y + tall / 2 + 2), (246, 242, 232))
    cloth = dice.pick(palette.ACCENTS)
    for side in (x - 8, x + wide - 6):
        canvas.patch(rectangle(side, y - 8, side + 14, y + tall + 12), palette.lighter(cloth, 0.3))


def _picture(canvas: Canvas, dice: Dice, x: float, y: float) -> None:
    wide, tall = dice.between(30, 50), dice.between(30, 50)
    canvas.patch(rectangle(x, y, x + wide, y + tall), palette.darker(dice.pick(palette.COATS), 0.2))
    canvas.patch(rectangle(x + 4, y + 4, x + wide - 4, y + tall - 4), (244, 238, 224))
    ink = dice.pick(palette.ACCENTS)
    canvas.patch(shapes.ellipse(x + wide / 2, y + tall * 0.45, wide * 0.2, tall * 0.2), ink)
    canvas.patch(rectangle(x + 8, y + tall * 0.7, x + wide - 8, y + tall * 0.76), palette.darker(ink, 0.3))


def _plant(canvas: Canvas, dice: Dice, x: float, foot: float) -> None:
    green = dice.pick(outdoors.GREENS)
    for i in range(7):
        lean = (i - 3) * dice.between(8, 13)
        path = [(x, foot - 26), (x + lean * 0.6, foot - 60), (x + lean * 1.5, foot - 84 + abs(lean))]
        canvas.patch(shapes.limb(path, [3, 12, 1]), palette.darker(green, 0.08 * (i % 3)))
    canvas.patch(
        shapes.polygon((x - 16, foot - 30), (x + 16, foot - 30), (x + 11, foot), (x - 11, foot)),
        dice.pick(palette.ACCENTS),
    )


def street(canvas: Canvas, dice: Dice) -> float:
    """Paint a brick wall over a pavement."""
    brick = dice.pick(((188, 110, 90), (206, 186, 164), (140, 120, 120), (172, 134, 106)))
    edge = dice.between(0.7, 0.78) * canvas.height
    canvas.wash((palette.lighter(brick, 0.35), palette.lighter(brick, 0.3)))
    tall = dice.between(13, 18)
    for k in range(int(edge / tall) + 1):
        for i in range(-1, int(canvas.width / (tall * 2.3)) + 1):
            x, y = (i + 0.5 * (k % 2)) * tall * 2.3, k * tall
            shade = palette.blend(brick, dice.pick(((90, 50, 60), (240, 200, 170))), dice.between(0, 0.22))
            canvas.patch(rectangle(x + 1, y + 1, x + tall * 2.3 - 1, y + tall - 1), shade)
    canvas.wash(((150, 148, 152), (186, 182, 180)), edge)
    canvas.patch(rectangle(0, edge, canvas.width, edge + 5), (120, 116, 122))
    return dice.between(0.86, 0.93) * canvas.height


def garden(canvas: Canvas, dice: Dice) -> float:
    """Paint a wooden fence, bushes and a lawn."""
    canvas.wash(dice.pick(outdoors.SKIES))
    edge, wood = (
        dice.between(0.66, 0.75) * canvas.height,
        dice.pick(((206, 178, 142), (236, 232, 222), (150, 116, 92), (140, 164, 170))),
    )
    top, step = dice.between(0.12, 0.34) * canvas.height, dice.between(20, 30)
    for i in range(int(canvas.width / step) + 1):
        x, tone = i * step, palette.darker(wood, dice.between(0, 0.12))
        canvas.patch(
            shapes.polygon(
                (x + 1, top + 9),
                (x + step / 2, top),
                (x + step - 1, top + 9),
                (x + step - 1, edge + 4),
                (x + 1, edge + 4),
            ),
            tone,
        )
    for y in (top + 26, edge - 24):
        canvas.patch(rectangle(0, y, canvas.width, y + 6), palette.darker(wood, 0.22))
    green = dice.pick(outdoors.GREENS)
    for _ in range(dice.whole(1, 5)):
        x, r = dice.between(0, canvas.width), dice.between(16, 34)
        canvas.patch(shapes.ellipse(x, edge + 4 - r * 0.4, r * 1.2, r), palette.darker(green, 0.2))
        for _ in range(5):
            canvas.patch(
                shapes.ellipse(x + dice.between(-r, r), edge - dice.between(0, r), 3, 3, n=10),
                dice.pick(palette.ACCENTS),
            )
    outdoors.hill(canvas, edge + 3, 3, green, dice)
    outdoors.blades(canvas, edge + 12, green, dice)
    return dice.between(0.85, 0.93) * canvas.height


def studio(canvas: Canvas, dice: Dice) -> float:
    """Paint a plain backdrop with a soft light."""
    tone = dice.pick((*WALLS, *palette.ACCENTS))
    canvas.wash((palette.lighter(tone, 0.25), palette.lighter(tone, 0.5), palette.darker(tone, 0.1)))
    canvas.glow(
        dice.between(0.3, 0.7) * canvas.width, canvas.height * 0.4, canvas.width * 0.4, (255, 250, 236), 0.4
    )
    return dice.between(0.84, 0.92) * canvas.height


def poster(canvas: Canvas, dice: Dice) -> float:
    """Paint large flat forms, as on a printed poster."""
    ground = dice.pick((*palette.ACCENTS, *WALLS))
    canvas.wash((palette.lighter(ground, 0.5), palette.lighter(ground, 0.35)))
    for _ in range(dice.whole(3, 6)):
        x, y, r = dice.between(0, canvas.width), dice.between(0, canvas.height), dice.between(20, 90)
        ink = palette.lighter(dice.pick(palette.ACCENTS), dice.between(0.2, 0.6))
        kind = dice.pick(("disc", "ring", "bar"))
        if kind == "bar":
            canvas.patch(shapes.limb([(x - r, y - r / 2), (x + r, y + r / 2)], [r * 0.3, r * 0.3]), ink)
        else:
            canvas.patch(shapes.ellipse(x, y, r, r), ink)
        if kind == "ring":
            canvas.patch(shapes.ellipse(x, y, r * 0.65, r * 0.65), palette.lighter(ground, 0.45))
    outdoors.hill(canvas, canvas.height * 0.8, 9, palette.darker(ground, 0.1), dice)
    return dice.between(0.86, 0.93) * canvas.height
