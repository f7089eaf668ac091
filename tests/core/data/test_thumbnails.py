"""Thumbnails: made once, and again when the file changes."""

from pathlib import Path

import numpy as np
from PIL import Image

from core.data import datasets, thumbnails


def test_thumbnails_are_small_made_once_and_follow_the_file(workspace: Path, tmp_path: Path) -> None:
    for number, label in enumerate(["cat", "dog"]):
        (tmp_path / "in" / label).mkdir(parents=True)
        pixels = np.full((600, 900, 3), 90 * number, dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "in" / label / "1.jpg")
    dataset = datasets.add("big", tmp_path / "in")
    first = thumbnails.thumbnail(dataset, "cat/1.jpg")
    with Image.open(first) as image:
        assert image.size == (256, 171)
    stamp = first.stat().st_mtime_ns
    assert thumbnails.thumbnail(dataset, "cat/1.jpg").stat().st_mtime_ns == stamp
    Image.new("RGB", (600, 600), "white").save(tmp_path / "in" / "cat" / "1.jpg")
    assert thumbnails.thumbnail(dataset, "cat/1.jpg") != first
