"""Corrections: images with the labels that a person gives them become part of a dataset."""

import contextlib
import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.data import datasets, drafts, images, uploads
from core.errors import DatasetError
from core.inference import sorting
from core.progress import Progress

_TABLE = "metadata.csv"
CALLED = "corrections from Classify"
"""What the images that corrections add to a dataset are called as its source."""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """An image file, what the person calls it, and what it really is."""

    file: Path
    name: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """What became of corrections: how many images were new, had another label before, or none to change."""

    added: int
    relabelled: int
    unchanged: int


def correct(
    dataset: str, corrections: Sequence[Correction], *, progress: Progress | None = None
) -> Corrected:
    """Add images with their right labels to a dataset, all in one new version of it.

    An image that the dataset holds already, by its content, is relabelled where its label differs. Every
    label and file is checked before anything is written.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: nothing was given, or a label cannot be one.
        ImageError: an image cannot be read any more.
    """
    if not corrections:
        raise DatasetError("No image was chosen. Choose one, and say what it is.")
    labels = [drafts.checked_label(one.label) for one in corrections]
    kinds = [images.probe(one.file).format.lower() for one in corrections]
    table = datasets.load(dataset).table
    held = dict(zip(table["sha256"], zip(table["path"], table["label"], strict=True), strict=True))
    new: dict[str, tuple[Correction, str, str]] = {}
    moved: dict[str, list[str]] = {}
    unchanged = 0
    for one, label, kind in zip(corrections, labels, kinds, strict=True):
        digest = _sha256(one.file)
        if digest not in held:
            new[digest] = (one, label, kind)  # of two copies the last word counts
        elif held[digest][1] != label:
            moved.setdefault(label, []).append(held[digest][0])
        else:
            unchanged += 1
    if new:
        _add(dataset, list(new.values()), progress)
    for label, paths in moved.items():
        drafts.relabel(dataset, paths, label)
    return Corrected(added=len(new), relabelled=sum(map(len, moved.values())), unchanged=unchanged)


def _add(dataset: str, new: list[tuple[Correction, str, str]], progress: Progress | None) -> None:
    """The images beside a table of their labels: so no label, whatever is in it, becomes a path."""
    names = [
        f"{number:05d}-{sorting.safe(PurePosixPath(one.name).stem)}.{kind}"
        for number, (one, _, kind) in enumerate(new)
    ]
    lines = io.StringIO()
    rows = [(name, label) for name, (_, label, _) in zip(names, new, strict=True)]
    csv.writer(lines, lineterminator="\n").writerows([("file_name", "label"), *rows])
    table = lines.getvalue().encode()
    brought = [uploads.Upload(name=_TABLE, size=len(table), stream=io.BytesIO(table))]
    with contextlib.ExitStack() as opened:
        for name, (one, _, _) in zip(names, new, strict=True):
            stream = opened.enter_context(open(one.file, "rb"))
            brought.append(uploads.Upload(name=name, size=one.file.stat().st_size, stream=stream))
        datasets.extend(dataset, brought, called=CALLED, progress=progress)


def _sha256(file: Path) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
