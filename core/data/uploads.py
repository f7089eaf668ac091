"""Files that come in from a person: kept inside the workspace, whatever they were called."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core import workspace
from core.data import archives, scan, sources, tables
from core.errors import ArchiveError, DatasetError
from core.progress import Progress, silent


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One uploaded file: name (with folders, where the browser sent them), size in bytes, contents."""

    name: str
    size: int
    stream: BinaryIO


def receive(uploads: Sequence[Upload], target: Path, *, progress: Progress = silent) -> archives.SetAside:
    """Write uploads below the folder `target`, unpacking archives; return what was left out, with reasons.

    An archive of loose images, without folders or table, stands for one class: its name is the label.

    Raises:
        DatasetError: nothing came, or it does not fit on the disk.
        ArchiveError: an archive cannot be unpacked.
    """
    if not uploads:
        raise DatasetError("Nothing was uploaded. Choose a zip, a folder, or images with a table.")
    _check_space(uploads)
    aside: archives.SetAside = []
    for count, upload in enumerate(uploads):
        progress(count, len(uploads), "Receiving files")
        if archives.is_archive(upload.name):
            aside += _unpack(upload, target, progress)
        else:
            aside += _write(upload, target)
    return aside


def _check_space(uploads: Sequence[Upload]) -> None:
    needed, free = sum(upload.size for upload in uploads), workspace.free_bytes()
    if needed > free - archives.KEEP_FREE:
        raise DatasetError(
            f"The upload has {needed / 2**30:.1f} GiB, but the workspace's disk has "
            f"{free / 2**30:.1f} GiB free. Free some space, or bring fewer images."
        )


def _unpack(upload: Upload, target: Path, progress: Progress) -> archives.SetAside:
    """Unpack beside the target first: where the members belong shows only when all are there."""
    inner = target.parent / f"{target.name}.unpacking"
    shutil.rmtree(inner, ignore_errors=True)
    try:
        aside = archives.unpack(upload.stream, inner, PurePosixPath(upload.name).name, progress=progress)
        if not inner.exists():
            detail = f" (the first: {aside[0][0]}, {aside[0][1]})" if aside else ""
            raise ArchiveError(f"{upload.name} holds no file that can be taken{detail}.")
        root, files, _ = sources.unwrapped(inner, scan.walk(inner).files, [])
        loose = all("/" not in file for file in files)
        with_table = any(tables.read(root, file, files) for file in files if sources.is_table(file))
        label = archives.safe_path(archives.without_ending(PurePosixPath(upload.name).name))
        aside += _move(root, files, target / label if loose and not with_table and label else target)
        return aside
    finally:
        shutil.rmtree(inner, ignore_errors=True)


def _move(source: Path, files: list[str], target: Path) -> archives.SetAside:
    """Move `files` below `source` to the same places below `target`; what is there already stays."""
    aside = []
    for path in files:
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            aside.append((path, "another uploaded file has the same name and folder"))
        else:
            (source / path).rename(place)
    return aside


def _write(upload: Upload, target: Path) -> archives.SetAside:
    if any(scan.is_litter(part) for part in PurePosixPath(upload.name).parts if part not in (".", "..", "/")):
        return []
    path = archives.safe_path(upload.name)
    if path is None:
        return [(upload.name, "its name points outside the upload: refused as unsafe")]
    place = target / path
    if place.exists():
        return [(upload.name, "another uploaded file has the same name and folder")]
    place.parent.mkdir(parents=True, exist_ok=True)
    upload.stream.seek(0)
    with open(place, "xb") as file:
        shutil.copyfileobj(upload.stream, file, 1 << 20)
    return []
