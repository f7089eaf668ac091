"""Pixels of any kind as 8-bit RGB, in strips, so that a large image is held once and not four times."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

STRIP_PIXELS = 1_000_000
_TRANSPARENT = ("RGBA", "LA", "PA", "RGBa", "La")


def of(image: Image.Image, *, factor: int = 1) -> Image.Image:
    """A loaded image as RGB; every `factor` x `factor` pixels are averaged to one.

    Transparency is laid over white, 16 bits are scaled to 8, CMYK and palettes are converted.
    """
    if image.mode == "RGB" and "transparency" not in image.info:
        return image.reduce(factor)  # a plain copy where the factor is 1
    stretch = _stretch(image) if image.mode.startswith(("I", "F")) else None
    if stretch is None and factor == 1 and image.width * image.height <= STRIP_PIXELS:
        return _convert(image)
    result = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for top, strip in _strips(image, factor):
        eight = strip if stretch is None else _eight_bits(strip, *stretch)
        result.paste(_convert(eight).reduce(factor), (0, top // factor))
    return result


def _strips(image: Image.Image, factor: int) -> Iterator[tuple[int, Image.Image]]:
    """The image from the top, in strips of about a megapixel whose height `factor` divides."""
    width, height = image.size
    step = max(1, STRIP_PIXELS // (max(1, width) * factor)) * factor
    for top in range(0, height, step):
        yield top, image.crop((0, top, width, min(height, top + step)))


def _convert(image: Image.Image) -> Image.Image:
    if image.mode in _TRANSPARENT or "transparency" in image.info:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image.convert("RGB")


def _stretch(image: Image.Image) -> tuple[float, float, float]:
    """How grey values of more than 8 bits become 8: take away the first, times the second, over the third.

    65535 becomes 255; values that leave 16 bits, and fractions, are stretched to what occurs.
    """
    ranges = [(values.min(), values.max()) for values in (_grey(strip) for _, strip in _strips(image, 1))]
    low = min(0.0, *(float(least) for least, _ in ranges))
    high = max(0.0, *(float(most) for _, most in ranges))
    if image.mode.startswith("I") and low >= 0 and high <= 65535:
        return 0.0, 1.0, 257.0
    if low >= 0 and 1 < high <= 255:
        return 0.0, 1.0, 1.0
    return low, 255.0 / ((high - low) or 1.0), 1.0


def _eight_bits(strip: Image.Image, low: float, times: float, over: float) -> Image.Image:
    scaled = (_grey(strip) - low) * times / over
    return Image.fromarray(np.rint(scaled).astype(np.uint8))


def _grey(strip: Image.Image) -> NDArray[np.float32]:
    """Finite values (H, W)."""
    return np.nan_to_num(np.asarray(strip, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
