"""Reading one image file safely: whatever lies in it, the answer is RGB pixels or a sentence."""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from core.data import gate, rgb, unreadable
from core.errors import ImageError

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
ENDINGS = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff")
MAX_PIXELS = 200_000_000  # what a header may claim; a JPEG of that size is read scaled down
MAX_DECODED_PIXELS = 64_000_000  # what is held in memory, at 4 bytes a pixel
LARGE_PIXELS = 16_000_000  # from here on an image is scaled down in strips, before all of it is RGB
MAX_BYTES = 512 * 2**20  # what decoding may take; some decoders hold more than the pixels
_WORK_BYTES = {"WEBP": 12, "TIFF": 4}  # for each pixel, besides the pixel itself
_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}  # of other modes 4
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
    palettes are converted, and of an animated file the first frame is taken. `short_side` lets a JPEG,
    and any image of more than 16 megapixels, be decoded at a fraction of its size, never with a shorter
    side below that many pixels; the result is not resized to it. Waits while much is decoded elsewhere.

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
        factor = _factor(image.size, short_side)
        cost = _cost(image, size, factor)
        if cost > MAX_BYTES:
            raise ImageError(
                f"it has {size[0]} x {size[1]} pixels, for which this kind of file takes {cost >> 20} MiB of "
                f"memory; {MAX_BYTES >> 20} can be had. Scale it down."
            )
        with gate.admitted(cost):
            image.load()
            header = _header(image, size, mode)
            turn = _TURN.get(_orientation(image))
            result = rgb.of(image, factor=factor)
            image.close()  # its own pixels are not needed any more
            return (result if turn is None else result.transpose(turn)), header


@contextmanager
def _opened(source: Path | bytes) -> Iterator[Image.Image]:
    if isinstance(source, Path):
        _check_regular(source)
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


def _factor(size: tuple[int, int], short_side: int | None) -> int:
    """By how much a large image is scaled down while it is read; twice `short_side` remain."""
    if short_side is None or size[0] * size[1] <= LARGE_PIXELS:
        return 1
    return max(1, min(size) // (2 * short_side))


def _cost(image: Image.Image, whole: tuple[int, int], factor: int) -> int:
    """About how many bytes decoding takes at most; `whole` is the size before a JPEG is scaled down."""
    pixels, all_pixels = image.size[0] * image.size[1], whole[0] * whole[1]
    work = pixels * _WORK_BYTES.get(str(image.format), 0)
    if image.info.get("progressive"):  # a JPEG whose coefficients are all held until the last scan
        work = 2 * len(image.getbands()) * all_pixels
    return pixels * _BYTES.get(image.mode, 4) + work + 4 * pixels // factor**2


def _check_regular(path: Path) -> None:
    """Refuse what would block for ever (a pipe), or holds no bytes of its own (a folder)."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            os.scandir(path).close()
    except (FileNotFoundError, NotADirectoryError):
        raise ImageError("there is no such file, or no longer") from None
    except (OSError, ValueError) as error:  # a link to itself, a name with a zero byte, a closed folder
        raise ImageError(f"it cannot be opened: {getattr(error, 'strerror', None) or error}") from None
    if stat.S_ISDIR(mode):
        raise ImageError(
            "a link to a folder that it lies in" if path.is_symlink() else "a folder, not an image"
        )
    if not stat.S_ISREG(mode):
        raise ImageError("not a regular file (a device, a pipe or a socket)")


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
