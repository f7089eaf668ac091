"""Reading one image file safely: whatever lies in it, the answer is RGB pixels or a sentence."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from core.data import unreadable
from core.errors import ImageError

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
ENDINGS = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff")
MAX_PIXELS = 200_000_000  # what a header may claim; a JPEG of that size is read scaled down
MAX_DECODED_PIXELS = 64_000_000  # what is held in memory, at 4 bytes a pixel
_ORIENTATION = 0x0112  # the EXIF tag
_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a file says of itself: size in pixels as shown (EXIF orientation applied), Pillow's mode
    and format, whether it carries EXIF."""

    width: int
    height: int
    mode: str
    format: str
    exif: bool


def probe(source: Path | bytes) -> Header:
    """Read the header only.

    Raises:
        ImageError: the file is no image that Fieldguide reads.
    """
    with _opened(source) as image:
        return _header(image, image.size)


def decode(source: Path | bytes, *, short_side: int | None = None) -> Image.Image:
    """Read an image as RGB, the way it is meant to be seen.

    EXIF orientation is applied, transparency is laid over white, 16 bits are scaled to 8, CMYK and
    palettes are converted, and of an animated file the first frame is taken. `short_side` lets a large
    JPEG be decoded at a fraction of its size, never with a shorter side below that many pixels; the
    result is not resized to it.

    Raises:
        ImageError: anything is wrong with the file; the message is a reason in words.
    """
    return read(source, short_side=short_side)[0]


def read(source: Path | bytes, *, short_side: int | None = None) -> tuple[Image.Image, Header]:
    """Pixels as `decode` gives them and the header of the whole file, in one pass.

    Raises:
        ImageError: as `decode`.
    """
    with _opened(source) as image:
        size, mode = image.size, image.mode
        if short_side is not None:
            image.draft(None, (short_side, short_side))
        _check_size(image.size, MAX_DECODED_PIXELS)
        image.load()
        header = _header(image, size, mode)
        turn = _TURN.get(_orientation(image))
        result = _to_rgb(image)
        return (result if turn is None else result.transpose(turn)), header


@contextmanager
def _opened(source: Path | bytes) -> Iterator[Image.Image]:
    try:
        with Image.open(
            io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS
        ) as image:
            _check_size(image.size, MAX_PIXELS)
            yield image
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise ImageError(unreadable.what_it_is(source)) from None
    except (
        Exception
    ) as error:  # Pillow raises what it likes on a damaged file: nothing else runs in the block
        raise ImageError(unreadable.what_went_wrong(source, error)) from error


def _check_size(size: tuple[int, int], most: int) -> None:
    width, height = size
    if width * height > most:
        raise ImageError(
            f"it has {width} x {height} pixels; at most {most / 1e6:.0f} megapixels can be read. "
            "Scale it down."
        )


def _header(image: Image.Image, size: tuple[int, int], mode: str | None = None) -> Header:
    width, height = size[::-1] if _orientation(image) >= 5 else size  # 5 to 8 are quarter turns
    kind = (
        "JPEG" if image.format == "MPO" else str(image.format)
    )  # MPO: a JPEG with a second picture behind it
    exif = bool(image.info.get("exif")) or len(_exif(image)) > 0
    return Header(width=width, height=height, mode=mode or image.mode, format=kind, exif=exif)


def _exif(image: Image.Image) -> Image.Exif:
    if image.format == "PNG" and "exif" not in image.info:
        return (
            Image.Exif()
        )  # Pillow would decode the whole file in search of it, and swallow what is wrong there
    try:
        return image.getexif()
    except Exception:  # broken metadata says nothing about the pixels
        return Image.Exif()


def _orientation(image: Image.Image) -> int:
    value = _exif(image).get(_ORIENTATION, 1)
    return value if isinstance(value, int) and value in _TURN else 1


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        return _over_white(image)
    return image if image.mode == "RGB" and type(image) is Image.Image else image.convert("RGB")


def _over_white(image: Image.Image) -> Image.Image:
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey values of 16 bits or more as 8: 65535 becomes 255; other ranges are stretched to what occurs."""
    values = np.asarray(image, dtype=np.float32)  # (H, W)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if image.mode.startswith("I") and low >= 0 and high <= 65535:
        scaled = values / 257.0
    elif low >= 0 and 1 < high <= 255:
        scaled = values
    else:
        scaled = (values - low) * (255.0 / ((high - low) or 1.0))
    return Image.fromarray(np.rint(scaled).astype(np.uint8))
