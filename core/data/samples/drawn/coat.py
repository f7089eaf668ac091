"""Coats and plumage: two colours and a pattern, the same choices for every class."""

from dataclasses import dataclass

from core.data.samples.drawn import palette, shapes
from core.data.samples.drawn.dice import Dice
from core.data.samples.drawn.drawing import Colour, Mark
from core.data.samples.drawn.shapes import Points

PATTERNS = (
    *("solid", "soft", "bicolour") * 3,
    *("stripes", "spots", "patches", "points") * 2,
    "speckles",
)


@dataclass(frozen=True, kw_only=True)
class Coat:
    """``base`` all over, ``second`` for belly and markings, ``accent`` for collar, crest or cheek."""

    base: Colour
    second: Colour
    accent: Colour
    pattern: str
    fluffy: bool

    @property
    def far(self) -> Colour:
        """Colour of the legs and wings on the far side."""
        return palette.darker(self.base, 0.28)

    @property
    def tips(self) -> Colour:
        """Colour of ears, tail and feet."""
        return self.second if self.pattern == "points" else self.base


def choose(base: Colour, pattern: str, dice: Dice) -> Coat:
    """Return a coat whose second colour stands out from its base."""
    if pattern in ("points", "stripes", "soft"):
        second = palette.darker(base, 0.5) if palette.brightness(base) > 75 else palette.lighter(base, 0.3)
    else:
        far = [c for c in palette.COATS if abs(palette.brightness(c) - palette.brightness(base)) > 60]
        second = dice.pick(far)
    return Coat(
        base=base,
        second=second,
        accent=dice.pick(palette.ACCENTS),
        pattern=pattern,
        fluffy=dice.chance(0.3),
    )


def marks(coat: Coat, outline: Points, dice: Dice, *, belly: bool = True) -> list[Mark]:
    """Return the pattern over one outline; ``belly`` adds the lighter underside where the pattern has one."""
    left, top, right, bottom = shapes.box(outline)
    wide, high = right - left, bottom - top
    found: list[Mark] = []
    if belly and coat.pattern in ("bicolour", "soft", "stripes"):
        under = coat.second if coat.pattern == "bicolour" else palette.lighter(coat.base, 0.45)
        middle = left + wide * dice.between(0.45, 0.65)
        found.append(_mark(shapes.ellipse(middle, bottom, wide * 0.5, high * 0.42), under))
    draw = {"stripes": _stripes, "spots": _spots, "patches": _patches, "speckles": _speckles}.get(
        coat.pattern
    )
    if draw:
        found += draw(coat, (left, top, wide, high), dice)
    return found + _hatching(coat, (left, top, wide, high), dice)


def _mark(shape: Points, colour: Colour, strength: float = 1.0) -> Mark:
    return Mark(shape=shape, colour=colour, strength=strength)


def _stripes(coat: Coat, area: tuple[float, float, float, float], dice: Dice) -> list[Mark]:
    left, top, wide, high = area
    count = max(3, round(wide / (0.22 * max(high, 0.2))))
    found = []
    for i in range(min(count, 9)):
        x = left + wide * (i + dice.between(0.3, 0.7)) / min(count, 9)
        lean, reach = dice.between(-0.1, 0.1) * wide, high * dice.between(0.4, 0.68)
        path = [(x, top - 0.05), (x + lean + 0.05 * wide, top + reach / 2), (x + lean, top + reach)]
        found.append(
            _mark(
                shapes.limb(path, [0.34 * wide / min(count, 9), 0.5 * wide / min(count, 9), 0.01], steps=4),
                coat.second,
                0.85,
            )
        )
    return found


def _spots(coat: Coat, area: tuple[float, float, float, float], dice: Dice) -> list[Mark]:
    left, top, wide, high = area
    found = []
    for i in range(4):
        for k in range(3):
            x, y = (
                left + wide * (i + dice.between(0.1, 0.9)) / 4,
                top + high * (k + dice.between(0.1, 0.9)) / 3,
            )
            size = (wide * high) ** 0.5 * dice.between(0.05, 0.085)
            found.append(
                _mark(shapes.ellipse(x, y, size, size * dice.between(0.7, 1.2), n=14), coat.second, 0.95)
            )
    return found


def _patches(coat: Coat, area: tuple[float, float, float, float], dice: Dice) -> list[Mark]:
    left, top, wide, high = area
    third = dice.pick((palette.darker(coat.second, 0.4), coat.second))
    found = []
    for colour in (coat.second, third, coat.second):
        x, y = left + wide * dice.between(0, 1), top + high * dice.between(0, 0.8)
        size = dice.between(0.22, 0.38)
        ring = shapes.ellipse(x, y, wide * size, high * size * 1.2, n=8)
        found.append(
            _mark(shapes.smooth(ring + [[dice.between(-0.07, 0.07) * wide, 0] for _ in ring]), colour)
        )
    return found


def _speckles(coat: Coat, area: tuple[float, float, float, float], dice: Dice) -> list[Mark]:
    left, top, wide, high = area
    size = (wide * high) ** 0.5 * 0.022
    return [
        _mark(
            shapes.ellipse(
                left + wide * dice.between(0, 1), top + high * dice.between(0, 1), size, size * 1.5, n=8
            ),
            coat.second,
            0.8,
        )
        for _ in range(34)
    ]


def _hatching(coat: Coat, area: tuple[float, float, float, float], dice: Dice) -> list[Mark]:
    """Return short strokes of fur or feather, barely seen: they give the surface its grain."""
    left, top, wide, high = area
    ink = (
        palette.darker(coat.base, 0.5)
        if palette.brightness(coat.base) > 90
        else palette.lighter(coat.base, 0.5)
    )
    size = (wide * high) ** 0.5 * 0.07
    found = []
    for _ in range(16):
        x, y = left + wide * dice.between(0.05, 0.95), top + high * dice.between(0.1, 0.95)
        lean = dice.between(-0.3, 0.1) * size
        found.append(_mark(shapes.polygon((x, y), (x + 0.1 * size, y), (x + lean, y + size)), ink, 0.28))
    return found
