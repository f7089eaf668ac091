"""Everything Fieldguide wants to know of one image file, from one reading of it."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.data import hashing, images
from core.errors import FileError, ImageError

MAX_BYTES = 512 * 1024 * 1024
SIDE = 256  # brightness, sharpness and the rest are measured at this longest side, so that they compare
BINARY = ("dhash", "tile")  # columns that travel as base64 between processes

Row = dict[str, Any]


def measure(file: Path) -> Row:
    """Read a file once: its hash, its header, its fingerprints and a few numbers on its looks.

    Columns: bytes, mtime_ns, sha256, width, height, mode, format, exif, dhash, tile, brightness, contrast,
    sharpness, colourfulness, border_brightness, border_contrast (all in grey levels, 0 to 255, but
    sharpness: the variance of the Laplacian).

    Raises:
        ImageError: the file cannot be taken; the message says why. A FileError may pass.
    """
    data, mtime_ns = _contents(file)
    image, header = images.read(data, short_side=SIDE)
    small = image.copy() if max(image.size) <= SIDE else _thumbnail(image)
    tile = hashing.tile(small)
    return {
        "bytes": len(data),
        "mtime_ns": mtime_ns,
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": header.width,
        "height": header.height,
        "mode": header.mode,
        "format": header.format,
        "exif": header.exif,
        "dhash": hashing.to_bytes(hashing.dhashes(tile[None])[0]),
        "tile": tile.tobytes(),
        **_looks(np.asarray(small, dtype=np.float32)),
    }


def encode(row: Row) -> Row:
    """A row that JSON can carry."""
    return row | {key: base64.b64encode(row[key]).decode() for key in BINARY if key in row}


def decode(row: Row) -> Row:
    """The row that `encode` was given."""
    return row | {key: base64.b64decode(row[key]) for key in BINARY if key in row}


def _contents(file: Path) -> tuple[bytes, int]:
    try:
        stat = file.stat()
        if stat.st_size > MAX_BYTES:
            raise ImageError(
                f"the file has {stat.st_size / 2**20:,.0f} MiB; one image may have {MAX_BYTES >> 20}"
            )
        return file.read_bytes(), stat.st_mtime_ns
    except OSError as error:
        raise FileError(f"the file cannot be opened: {error.strerror or error}") from None


def _thumbnail(image: Image.Image) -> Image.Image:
    scale = SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BILINEAR)


def _looks(rgb: np.ndarray) -> dict[str, float]:
    """Numbers on an image (H, W, 3), float32, 0 to 255.

    Colourfulness after Hasler and Süsstrunk (2003); sharpness is the variance of the Laplacian
    (Pech-Pacheco et al. 2000).
    """
    grey = rgb @ np.array([0.299, 0.587, 0.114], dtype=np.float32)  # (H, W)
    edge = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    numbers = {
        "brightness": grey.mean(),
        "contrast": grey.std(),
        "sharpness": _laplacian_variance(grey),
        "colourfulness": _colourfulness(rgb),
        "border_brightness": edge.mean(),
        "border_contrast": edge.std(),
    }
    return {name: round(float(value), 4) for name, value in numbers.items()}


def _laplacian_variance(grey: np.ndarray) -> float:
    if min(grey.shape) < 3:
        return 0.0
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * grey[1:-1, 1:-1]).var())


def _colourfulness(rgb: np.ndarray) -> float:
    red_green = rgb[..., 0] - rgb[..., 1]
    yellow_blue = (rgb[..., 0] + rgb[..., 1]) / 2 - rgb[..., 2]
    spread = np.hypot(red_green.std(), yellow_blue.std())
    return float(spread + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))
