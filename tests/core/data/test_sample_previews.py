"""Previews of samples: pictures of the sample itself, made once."""

from pathlib import Path

import pytest
from PIL import Image

from core import errors
from core.data.samples import preview


@pytest.mark.parametrize("name", ["drawn-animals", "digits"])
def test_a_preview_is_a_square_picture_kept_in_the_cache(workspace: Path, name: str) -> None:
    place = preview.picture(name, 1)
    with Image.open(place) as image:
        assert (image.format, image.size) == ("WEBP", (preview.SIDE, preview.SIDE))
        assert len(set(image.convert("L").get_flattened_data())) > 8  # not blank
    written = place.stat().st_mtime_ns
    assert preview.picture(name, 1).stat().st_mtime_ns == written
    assert place.is_relative_to(workspace / "cache")


def test_neighbouring_previews_differ(workspace: Path) -> None:
    assert (
        preview.picture("drawn-animals", 0).read_bytes() != preview.picture("drawn-animals", 1).read_bytes()
    )


@pytest.mark.parametrize(("name", "index"), [("cifar10", 0), ("../x", 0), ("digits", 99), ("digits", -1)])
def test_what_there_is_no_preview_of_is_refused(workspace: Path, name: str, index: int) -> None:
    with pytest.raises(errors.DatasetError, match="no preview"):
        preview.picture(name, index)
