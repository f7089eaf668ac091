"""Drawn animals: birds, cats and dogs drawn by our own code, the same on every machine for a seed."""

from pathlib import Path

from core import progress as progresses
from core.data.samples import files
from core.data.samples.drawn import picture

TITLE = "Drawn animals"
DESCRIPTION = (
    f"{len(picture.CLASSES) * picture.PER_CLASS} birds, cats and dogs, drawn by Fieldguide's own code in "
    "many breeds, poses, places and lights, dealt alike to every class: only the animal tells them apart."
)


def write(folder: Path, progress: progresses.Progress | None = None, *, seed: int = 0) -> None:
    """Write bird/, cat/ and dog/ with one JPEG a picture, 240 to 320 pixels a side (about 10 MB in all).

    Raises:
        WorkspaceError: the folder cannot be written (no rights, disk full).
    """
    total = len(picture.CLASSES) * picture.PER_CLASS
    jobs = [(label, index) for index in range(picture.PER_CLASS) for label in picture.CLASSES]
    for done, (label, index) in enumerate(jobs, start=1):
        image = picture.draw(label, index, seed=seed)
        files.save(image, folder / label / f"{label}_{index:03d}.jpg")
        if progress:
            progress(done, total, f"drawing {label} {index + 1} of {picture.PER_CLASS}")
