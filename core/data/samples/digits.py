"""Handwritten digits: the 1,797 real scans of 8 x 8 pixels that come inside scikit-learn."""

from pathlib import Path

import numpy as np
from PIL import Image

from core import progress as progresses
from core.data.samples import files

TITLE = "Handwritten digits"
DESCRIPTION = (
    "1,797 real scans of the digits 0 to 9 by 43 people, 8 x 8 pixels each (UCI Optical Recognition of "
    "Handwritten Digits, CC BY 4.0, shipped inside scikit-learn), enlarged to 64 x 64."
)
FACTOR = 8  # 8 x 8 -> 64 x 64: whole pixels, so no scan is distorted


def write(folder: Path, progress: progresses.Progress | None = None) -> None:
    """Write class folders 0/ to 9/ with one greyscale PNG a scan: dark ink on white, 64 x 64.

    Raises:
        WorkspaceError: the folder cannot be written (no rights, disk full).
    """
    from sklearn import datasets as bundled  # takes a second to import: only when asked for

    scans = bundled.load_digits()
    for done, (scan, label) in enumerate(zip(scans.images, scans.target, strict=True), start=1):
        files.save(picture(scan), folder / str(label) / f"digit_{done - 1:04d}.png")
        if progress and (done % 50 == 0 or done == len(scans.target)):
            progress(done, len(scans.target), f"writing scan {done} of {len(scans.target)}")


def picture(scan: np.ndarray) -> Image.Image:
    """Return one scan (8, 8) of ink from 0 to 16 as a greyscale picture (64, 64), bicubically enlarged."""
    paper = np.rint(255 - scan * (255 / 16)).astype(np.uint8)  # (8, 8)
    small = Image.fromarray(paper)
    return small.resize((small.width * FACTOR, small.height * FACTOR), Image.Resampling.BICUBIC)
