"""Which files are meant by what a person names: of a folder everything in it, so that nothing is passed over.

What is no image is found too, and gets its reason where the others get an answer. Only the system's own
litter is left out, and counted.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from core import paths as paths_module
from core.data import scan
from core.errors import InferenceError


@dataclass
class Skipped:
    """How many hidden files and folders, and files of the system, a walk has left out so far."""

    count: int = 0


def found(
    paths: Iterable[str | Path], *, skipped: Skipped | None = None, without: Collection[Path] = ()
) -> Iterator[Path]:
    """The files that `paths` name, in order; of a folder, those in it and below, sorted by name.

    One folder's names are held at a time. A path that does not exist, a folder that cannot be opened and a
    link back to a folder above are passed on, so that they get their reason beside the answers. `without`
    are files that are not meant, such as the table of answers itself.
    """
    tally = skipped if skipped is not None else Skipped()
    names = {path.name for path in without}
    places = {os.path.realpath(path) for path in without}
    for path in map(Path, paths):
        below = _below(path, frozenset(), tally) if paths_module.is_dir(path) else iter((path,))
        yield from (one for one in below if one.name not in names or os.path.realpath(one) not in places)


def some(paths: Iterable[str | Path], files: Iterator[Path], skipped: Skipped) -> Iterator[Path]:
    """`files` as they are.

    Raises:
        InferenceError: there are none.
    """
    first = next(files, None)
    if first is None:
        named = ", ".join(map(printable, paths)) or "nothing"
        left_out = f" ({skipped.count:,} hidden or system files do not count)" if skipped.count else ""
        raise InferenceError(
            f"There is no file in {named}{left_out}. Name images, or folders that hold some."
        )
    return chain((first,), files)


def printable(path: str | Path) -> str:
    r"""A path as text that every file and terminal takes: bytes that are no UTF-8 are shown as \\xff."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _below(folder: Path, above: frozenset[str], skipped: Skipped) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in above:
        yield folder
        return
    try:
        with os.scandir(folder) as entries:
            listed = sorted((_is_folder(entry), entry.name) for entry in entries)
    except OSError:
        yield folder
        return
    for is_folder, name in listed:  # files come before folders
        if scan.is_litter(name):
            skipped.count += 1
        elif is_folder:
            yield from _below(folder / name, above | {real}, skipped)
        else:
            yield folder / name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """A link that cannot be followed is none: it gets its reason where the others get an answer."""
    try:
        return entry.is_dir()
    except OSError:
        return False
