"""Answered originals in class folders: as a zip on the disk, or copied into a folder of the server."""

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas as pd

from core import workspace
from core.data import archives
from core.errors import InferenceError
from core.inference import sorting
from core.progress import Progress, silent


def to_zip(view: pd.DataFrame, target: Path, *, progress: Progress = silent) -> int:
    """Write the originals of `view` (columns name, file, said) to a zip as `said/name`; return how many.

    One image is held at a time. Files that have gone since are left out.

    Raises:
        InferenceError: it does not fit on the disk.
    """
    _check_room(view, workspace.home())

    def contents() -> Iterator[tuple[str, str, bytes]]:
        for folder, name, file in _originals(view, progress):
            yield folder, name, file.read_bytes()

    with workspace.replacing(target) as temporary, open(temporary, "wb") as file:
        return sorting.into_zip(file, contents())


def to_folder(view: pd.DataFrame, target: Path, *, progress: Progress = silent) -> int:
    """Copy the originals of `view` into `target/said/name`; return how many. `target` is new or empty.

    Raises:
        InferenceError: the folder is not empty or cannot be written, or it does not fit on the disk.
    """
    if not target.is_absolute():
        raise InferenceError(f"{target} is no whole path. Begin with a '/', as in /data/sorted.")
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise InferenceError(f"{target} holds something already. Name a new or an empty folder.")
        _check_room(view, target)
        count = 0
        for folder, name, file in _originals(view, progress):
            shutil.copy2(file, _free(target / sorting.safe(folder), sorting.safe(PurePosixPath(name).name)))
            count += 1
    except OSError as error:
        raise InferenceError(f"{target} cannot be written: {error.strerror}.") from error
    return count


def _originals(view: pd.DataFrame, progress: Progress) -> Iterator[tuple[str, str, Path]]:
    """(class, name, file) of every answered image whose file is still there."""
    rows = view[view["file"].notna() & view["error"].isna()]
    for number, (said, name, file) in enumerate(
        zip(rows["said"], rows["name"], rows["file"], strict=True), 1
    ):
        progress(number, len(rows), "Sorting the originals")
        if Path(file).is_file():
            yield said, name, Path(file)


def _free(folder: Path, name: str) -> Path:
    """A file in `folder` that is not there yet: the name is numbered where it is taken."""
    folder.mkdir(exist_ok=True)
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    return path


def _check_room(view: pd.DataFrame, place: Path) -> None:
    files = [Path(file) for file in view.loc[view["error"].isna(), "file"].dropna()]
    needed = sum(file.stat().st_size for file in files if file.is_file())
    free = shutil.disk_usage(place).free
    if needed > free - archives.KEEP_FREE:
        raise InferenceError(
            f"The originals have {needed / 2**30:.1f} GiB, and the disk of {place} has "
            f"{free / 2**30:.1f} GiB free, of which {archives.KEEP_FREE / 2**30:.1f} are kept. Free some "
            "space, or choose fewer images."
        )
