"""A few pictures of a sample to show before it is made: drawn once, kept in the cache."""

import io
from pathlib import Path

from PIL import Image, ImageOps

from core import errors, workspace
from core.data.samples import digits
from core.data.samples.drawn import picture as drawn

SIDE = 192  # pixels
COUNT = 12  # pictures of each sample that can be asked for


def picture(name: str, index: int) -> Path:
    """The file of a square WebP of picture `index`, 0 to 11, of a sample that needs no network.

    Raises:
        DatasetError: there is no such sample or picture.
        WorkspaceError: the cache cannot be written.
    """
    if name not in _MAKERS or not 0 <= index < COUNT:
        raise errors.DatasetError(
            f"There is no preview {index} of {name!r}; there are 0 to {COUNT - 1} of {list(_MAKERS)}."
        )
    place = workspace.cache_folder("previews") / f"{name}-{index}.webp"
    if not place.exists():
        image = ImageOps.fit(_MAKERS[name](index).convert("RGB"), (SIDE, SIDE), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=82)
        workspace.write_bytes(place, buffer.getvalue())
    return place


def _animal(index: int) -> Image.Image:
    classes = drawn.CLASSES
    return drawn.draw(classes[index % len(classes)], index // len(classes) + 1)


def _digit(index: int) -> Image.Image:
    from sklearn import datasets as bundled  # takes a second to import: only when asked for

    return digits.picture(bundled.load_digits().images[index])


_MAKERS = {"drawn-animals": _animal, "digits": _digit}
