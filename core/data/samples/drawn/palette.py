"""Colours. Every class draws its coats from the same list: colour must not give the class away."""

from core.data.samples.drawn.drawing import Colour

COATS: tuple[Colour, ...] = (
    (52, 49, 54),  # black
    (94, 96, 106),  # slate
    (128, 142, 160),  # blue-grey
    (176, 178, 180),  # silver
    (242, 238, 228),  # white
    (240, 219, 184),  # cream
    (222, 188, 138),  # sand
    (232, 158, 78),  # ginger
    (204, 112, 66),  # russet
    (158, 92, 58),  # chestnut
    (104, 70, 54),  # chocolate
    (146, 126, 98),  # taupe
    (196, 160, 70),  # mustard
    (102, 138, 140),  # teal grey
)
ACCENTS: tuple[Colour, ...] = (
    (226, 84, 72),
    (240, 160, 50),
    (250, 206, 90),
    (66, 140, 190),
    (84, 160, 120),
    (190, 90, 140),
    (70, 84, 130),
)
BEAKS: tuple[Colour, ...] = ((242, 166, 46), (226, 120, 52), (245, 190, 70), (70, 68, 76))
IRISES: tuple[Colour, ...] = ((150, 188, 84), (228, 182, 66), (110, 172, 210), (176, 120, 60))
INK: Colour = (38, 32, 40)
PINK: Colour = (232, 150, 148)
TONGUE: Colour = (226, 108, 116)
WHITE: Colour = (250, 248, 242)


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """Return the first colour with this share of the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float = 0.25) -> Colour:
    """Return the colour towards a warm dark ink, which looks livelier than black."""
    return blend(colour, (40, 24, 52), share)


def lighter(colour: Colour, share: float = 0.3) -> Colour:
    """Return the colour towards a warm white."""
    return blend(colour, (255, 250, 238), share)


def brightness(colour: Colour) -> float:
    """Return the luma, 0 to 255 (ITU-R BT.601)."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue
