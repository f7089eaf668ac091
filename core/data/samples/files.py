"""Writing one picture of a sample."""

from pathlib import Path

from PIL import Image

from core import errors

JPEG_QUALITY = 90


def save(image: Image.Image, path: Path) -> None:
    """Write a picture as PNG or JPEG, by the path's ending, making its folder.

    Raises:
        WorkspaceError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".jpg":
            image.save(path, quality=JPEG_QUALITY)
        else:
            image.save(path, compress_level=6)
    except OSError as error:
        raise errors.WorkspaceError(
            f"The sample's picture {path.name} cannot be written to {path.parent}: {error.strerror}. "
            "Make the folder writable or free some disk space, then try again."
        ) from error
