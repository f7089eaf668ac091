"""Small pictures for the pages, made once and kept beside the dataset."""

import hashlib
import io
from pathlib import Path

from PIL import Image

from core import workspace
from core.data import images
from core.data.datasets import Dataset

SIZE = 256  # longest side, pixels
LARGE = 1280  # of one to look at closely


def thumbnail(dataset: Dataset, path: str, size: int = SIZE) -> Path:
    """The file of a WebP of the image `path`, at most `size` pixels long, made now if there is none yet.

    Its name follows path and contents of the image, so a changed image gets a new one.

    Raises:
        ImageError: the image cannot be read any more.
    """
    place = dataset.folder / "thumbs" / _file_name(dataset, path, size)
    if not place.exists():
        workspace.write_bytes(place, make(dataset.file(path), size))
    return place


def make(source: Path | bytes, size: int = SIZE) -> bytes:
    """A WebP of an image file, its longer side at most `size`.

    Raises:
        ImageError: the file cannot be read as an image.
    """
    image = images.decode(source, short_side=size)
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=80, method=2)
    return buffer.getvalue()


def _file_name(dataset: Dataset, path: str, size: int) -> str:
    file = dataset.file(path)
    stamp = file.stat().st_mtime_ns if file.exists() else 0
    name = hashlib.sha256(f"{path}\0{stamp}".encode()).hexdigest()[:32]
    return name + (".webp" if size == SIZE else f"-{size}.webp")
