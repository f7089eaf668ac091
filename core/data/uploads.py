"""Files that come in from a person: kept inside the workspace, whatever they were called."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core import workspace
from core.data import archives, names, scan, sources, tables, unpacking
from core.errors import ArchiveError, DatasetError
from core.progress import Progress, silent

_SAME_PLACE = "another uploaded file has the same name and folder"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One uploaded file: name (with folders, where the browser sent them), size in bytes, contents."""

    name: str
    size: int
    stream: BinaryIO


def receive(uploads: Sequence[Upload], target: Path, *, progress: Progress = silent) -> archives.LeftOut:
    """Write uploads below the folder `target`, unpacking archives; return what was left out.

    An archive of loose images, without folders or table, stands for one class: its name is the label.

    Raises:
        DatasetError: nothing came, nothing of it can be taken, or it does not fit on the disk.
        ArchiveError: an archive cannot be unpacked.
    """
    if not uploads:
        raise DatasetError("Nothing was uploaded. Choose a zip, a folder, or images with a table.")
    _check_space(uploads)
    left_out = archives.LeftOut()
    for count, upload in enumerate(uploads):
        progress(count, len(uploads), "Receiving files")
        if archives.is_archive(upload.name):
            _unpack(upload, target, left_out, progress)
        elif archives.is_litter(upload.name):
            left_out.ignored += 1
        elif (reason := _write(upload, target)) is not None:
            left_out.set_aside.append((names.printable(upload.name), reason))
    if not target.exists():
        raise DatasetError(_nothing_taken(left_out))
    return left_out


def in_words(uploads: Sequence[Upload]) -> str:
    """What a person would call them: the file, or the first one and how many more."""
    more = f" and {len(uploads) - 1:,} more" if len(uploads) > 1 else ""
    return f"{names.printable(uploads[0].name)}{more}" if uploads else "the upload"


def _check_space(uploads: Sequence[Upload]) -> None:
    needed, free = sum(upload.size for upload in uploads), workspace.free_bytes()
    if needed > free - archives.KEEP_FREE:
        raise DatasetError(
            f"The upload has {needed / 2**30:.1f} GiB, but the workspace's disk has "
            f"{free / 2**30:.1f} GiB free. Free some space, or bring fewer images."
        )


def _nothing_taken(left_out: archives.LeftOut) -> str:
    if not left_out.set_aside:
        return "Only hidden files came. Choose a zip, a folder, or images with a table."
    name, reason = left_out.set_aside[0]
    return f"No file can be taken ({name}: {reason})."


def _unpack(upload: Upload, target: Path, left_out: archives.LeftOut, progress: Progress) -> None:
    """Unpack beside the target first: where the members belong shows only when all are there."""
    inner = target.parent / f"{target.name}.unpacking"
    shutil.rmtree(inner, ignore_errors=True)
    try:
        name = PurePosixPath(upload.name).name
        found = unpacking.unpack(upload.stream, inner, name, progress=progress)
        if not inner.exists():
            first = found.set_aside[0] if found.set_aside else None
            detail = f" (the first: {first[0]}, {first[1]})" if first else ""
            raise ArchiveError(f"{upload.name} holds no file that can be taken{detail}.")
        walked = scan.walk(inner)
        left_out.set_aside += found.set_aside + walked.set_aside
        root, files, _ = sources.unwrapped(inner, walked.files, [], keep_subsets=True)
        left_out.set_aside += _move(root, files, _place(name, root, files, target))
        left_out.ignored += found.ignored
    finally:
        shutil.rmtree(inner, ignore_errors=True)


def _place(name: str, root: Path, files: list[str], target: Path) -> Path:
    """Where an archive's files belong: loose images into a folder of its name, anything else as it is."""
    found = [tables.read(root, file, files) for file in files if sources.is_table(file)]
    with_table = any(isinstance(one, tables.Table) or one.meant for one in found)
    label = names.safe_path(archives.without_ending(name))
    loose = all("/" not in file for file in files)
    return target / label if loose and not with_table and isinstance(label, PurePosixPath) else target


def _move(source: Path, files: list[str], target: Path) -> list[tuple[str, str]]:
    """Move `files` below `source` to the same places below `target`; what is there already stays."""
    aside = []
    for path in files:
        place = target / path
        if _make_room(place):
            (source / path).rename(place)
        else:
            aside.append((path, _SAME_PLACE))
    return aside


def _make_room(place: Path) -> bool:
    """Make the folders that a file goes into; whether its place is free."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        return False  # a file bears the name of one of the folders
    return not place.exists()


def _write(upload: Upload, target: Path) -> str | None:
    """Write an uploaded file as it is; return why not, where it is not taken."""
    path = names.safe_path(upload.name)
    if isinstance(path, str):
        return path
    foreign = archives.foreign(path.name)
    if foreign is not None:
        return foreign
    place = target / path
    if not _make_room(place):
        return _SAME_PLACE
    upload.stream.seek(0)
    with open(place, "xb") as file:
        shutil.copyfileobj(upload.stream, file, 1 << 20)
    return None
