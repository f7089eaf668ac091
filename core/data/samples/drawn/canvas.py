"""The rasteriser: parts painted on a picture at twice its size, with an outline and a shaded side."""

from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from core.data.samples.drawn import palette, shapes
from core.data.samples.drawn.drawing import Colour, Drawing, Part
from core.data.samples.drawn.shapes import Points

SCALE = 2  # painted at twice the size, then reduced: smooth edges
_SHADE_STEP = 4  # shading is soft: a quarter of the resolution is enough


class Canvas:
    """A picture being painted. Coordinates are pixels of the finished picture."""

    def __init__(self, width: int, height: int, colour: Colour = (255, 255, 255)) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), colour)
        self.light = (-0.6, -0.8)  # where the light comes from, as a unit vector
        self.line = 0.0  # width of outlines, in pixels

    def wash(self, colours: Iterable[Colour], top: float = 0.0, bottom: float | None = None) -> None:
        """Fill a band of rows with a vertical gradient through the colours."""
        first = round(top * SCALE)
        last = round((self.height if bottom is None else bottom) * SCALE)
        stops = np.array(list(colours), dtype=np.float64)
        place = np.linspace(0, len(stops) - 1, max(last - first, 1))
        rows = np.stack([np.interp(place, np.arange(len(stops)), stops[:, k]) for k in range(3)], axis=1)
        band = Image.fromarray(np.rint(rows).astype(np.uint8)[:, None, :])
        self.image.paste(band.resize((self.image.width, band.height), Image.Resampling.NEAREST), (0, first))

    def patch(self, outline: Points, colour: Colour, strength: float = 1.0) -> None:
        """Fill one flat outline."""
        mode = "RGBA" if strength < 1 else None
        ink = (*colour, round(255 * strength)) if strength < 1 else colour
        ImageDraw.Draw(self.image, mode).polygon(_corners(outline * SCALE), fill=ink)

    def stroke(self, path: Points, colour: Colour, width: float) -> None:
        """Draw an open line."""
        pen = max(1, round(width * SCALE))
        ImageDraw.Draw(self.image).line(_corners(path * SCALE), fill=colour, width=pen, joint="curve")

    def paint(self, drawing: Drawing) -> None:
        """Paint the parts in order."""
        for one in drawing:
            self._paint(one)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Lay a soft round light (or shadow) on the picture."""
        self.soften([shapes.ellipse(x, y, radius, radius)], colour, strength, radius / 2)

    def soften(self, outlines: list[Points], colour: Colour, strength: float, blur: float) -> None:
        """Fill outlines with soft edges, as a shadow on the ground has."""
        size = (self.image.width // 8 + 1, self.image.height // 8 + 1)
        mask = Image.new("L", size, 0)
        pen = ImageDraw.Draw(mask)
        for outline in outlines:
            pen.polygon(_corners(outline * SCALE / 8), fill=round(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(blur * SCALE / 8))
        grown = mask.resize((size[0] * 8, size[1] * 8), Image.Resampling.BILINEAR)
        self.image.paste(colour, (0, 0), grown.crop((0, 0, *self.image.size)))

    def blur(self, radius: float, haze: float) -> None:
        """Put what is painted so far out of focus and into the mist, so that what follows stands out."""
        small = self.image.reduce(4).filter(ImageFilter.GaussianBlur(radius * SCALE / 4))
        misty = Image.blend(small, Image.new("RGB", small.size, (232, 232, 230)), haze)
        self.image = misty.resize(self.image.size, Image.Resampling.BILINEAR)

    def finished(self) -> Image.Image:
        """Return the picture at its final size."""
        return self.image.reduce(SCALE)

    def _paint(self, one: Part) -> None:
        outlines = [outline * SCALE for outline in one.outlines]
        left, top, right, bottom = _frame(outlines, self.image.size)
        if right <= left or bottom <= top:
            return
        if one.line and self.line:
            self._outline(outlines, palette.darker(one.colour, 0.55))
        origin = np.array([left, top])
        mask = Image.new("L", (right - left, bottom - top), 0)
        pen = ImageDraw.Draw(mask)
        for outline in outlines:
            pen.polygon(_corners(outline - origin), fill=255)
        tile = Image.new("RGB", mask.size, one.colour)
        for mark in one.marks:
            brush = ImageDraw.Draw(tile, "RGBA")
            brush.polygon(
                _corners(mark.shape * SCALE - origin), fill=(*mark.colour, round(255 * mark.strength))
            )
        if one.shade:
            self._shade(tile, mask, one)
        self.image.paste(tile, (left, top), mask)

    def _outline(self, outlines: list[Points], colour: Colour) -> None:
        pen = ImageDraw.Draw(self.image)
        for outline in outlines:
            ring = np.concatenate([outline, outline[:2]])
            pen.line(_corners(ring), fill=colour, width=max(2, round(2 * self.line * SCALE)), joint="curve")

    def _shade(self, tile: Image.Image, mask: Image.Image, one: Part) -> None:
        """Darken the side away from the light and brighten the side towards it."""
        size = (max(1, mask.width // _SHADE_STEP), max(1, mask.height // _SHADE_STEP))
        small = mask.resize(size, Image.Resampling.BILINEAR)
        reach = 0.16 * min(size)
        soft = ImageFilter.GaussianBlur(reach * 0.6)
        for away, ink, strength in ((1, (44, 26, 70), 0.42), (-1, (255, 246, 222), 0.34)):
            x, y = (round(away * part * reach) for part in self.light)
            side = ImageChops.subtract(small, _shifted(small, x, y)).filter(soft)
            side = ImageChops.multiply(side, Image.new("L", size, round(255 * strength * one.shade)))
            tile.paste(ink, (0, 0), side.resize(mask.size, Image.Resampling.BILINEAR))


def _shifted(mask: Image.Image, x: int, y: int) -> Image.Image:
    moved = Image.new("L", mask.size, 0)
    moved.paste(mask, (x, y))
    return moved


def _frame(outlines: list[Points], size: tuple[int, int]) -> tuple[int, int, int, int]:
    points = np.concatenate(outlines)
    left, top = np.floor(points.min(axis=0)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + 1
    return max(int(left), 0), max(int(top), 0), min(int(right), size[0]), min(int(bottom), size[1])


def _corners(points: Points) -> list[float]:
    """Round to hundredths: the last bits of sines differ between processors, pixels must not."""
    return np.round(points, 2).ravel().tolist()
