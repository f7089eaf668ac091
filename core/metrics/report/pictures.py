"""Pictures inside the report: drawn anew and small, so that nothing a camera wrote goes along."""

import base64
import io
from pathlib import Path

from core.data import images
from core.errors import ImageError

SIDE = 180


def data_url(file: str | Path) -> str | None:
    """The image as a data: address of at most 180 x 180 pixels; None where it cannot be read any more."""
    try:
        picture = images.decode(Path(file), short_side=SIDE)
    except ImageError:
        return None
    picture.thumbnail((SIDE * 2, SIDE * 2))
    small = io.BytesIO()
    clean = picture.copy()
    clean.info.clear()  # EXIF, GPS, comments
    clean.save(small, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(small.getvalue()).decode()
