"""The originals in class folders, on the disk or as one zip: taken away after many images were answered."""

import collections
import filecmp
import io
import itertools
import os
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core import workspace
from core.errors import InferenceError
from core.inference import files

_FORBIDDEN = frozenset('<>:"/\\|?*')
_LONGEST = 100
_LONGEST_ENDING = 10


class Folders:
    """Class folders below `root`, filled one original after the other; the originals are only read."""

    def __init__(self, root: Path, *, link: bool = False) -> None:
        """`link`: lay down links to the originals, not copies of them."""
        self.root, self.link = root, link
        self.counts: collections.Counter[str] = collections.Counter()
        self._taken: collections.Counter[Path] = collections.Counter()

    def check(self, labels: Sequence[str], sources: Sequence[str | Path]) -> None:
        """See to it that nothing is laid among the images that are still to be read.

        Raises:
            InferenceError: a class folder would lie in one of `sources`, or one of them in it.
        """
        for source in sources:
            read = Path(os.path.realpath(source))
            for label in labels:
                written = Path(os.path.realpath(self.root / safe(label)))
                if written.is_relative_to(read) or read.is_relative_to(written):
                    raise InferenceError(
                        f"{self.root} cannot take the sorted images: {written} and {read}, which is being "
                        "read, lie within each other. Name a folder elsewhere."
                    )

    def add(self, folder: str, source: Path) -> None:
        """Put `source` into the class folder; one that lies there already, byte for byte, is left.

        Raises:
            InferenceError: it cannot be written.
        """
        place = self.root / safe(folder)
        first = place / safe(files.printable(source.name))
        try:
            place.mkdir(parents=True, exist_ok=True)
            for number in itertools.count(self._taken[first] + 1):
                target = place / _numbered(first.name, number)
                if not os.path.lexists(target):
                    self._lay(source, target)
                elif not _same(source, target):
                    self._taken[first] = number  # so that a thousand of one name are not tried each time
                    continue
                break
        except OSError as error:
            raise InferenceError(
                f"{files.printable(source)} cannot be put into {place}: {error.strerror or error}."
            ) from error
        self.counts[folder] += 1

    def _lay(self, source: Path, target: Path) -> None:
        if self.link:
            target.symlink_to(source.resolve())
            return
        whole = target.with_name(f".{target.name[:100]}.part")
        try:
            shutil.copyfile(source, whole)
            whole.replace(target)
        finally:
            whole.unlink(missing_ok=True)


def into_zip(target: BinaryIO, images: Iterable[tuple[str, str, bytes | Path]]) -> int:
    """Write `images`, each (class, name, content), to `target` as `class/name`; return how many there were.

    A content is bytes or a file. One image is held at a time. Names are made fit for every system and
    unique within their folder. Images are compressed already, so they are stored as they are.
    """
    taken: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        count = 0
        for folder, name, content in images:
            place = _unique(safe(folder), safe(PurePosixPath(name).name), taken)
            if isinstance(content, bytes):
                archive.writestr(place, content)
            else:
                with open(content, "rb") as source, archive.open(place, "w", force_zip64=True) as member:
                    shutil.copyfileobj(source, member)
            count += 1
    return count


def zip_file(target: Path, images: Iterable[tuple[str, str, bytes | Path]]) -> int:
    """`into_zip` on the disk: `target` appears when it is whole."""
    with workspace.replacing(target) as temporary, open(temporary, "wb") as file:
        return into_zip(file, images)


def zipped(images: Iterable[tuple[str, str, bytes | Path]]) -> bytes:
    """`into_zip` in memory, for a few images."""
    target = io.BytesIO()
    into_zip(target, images)
    return target.getvalue()


def safe(text: str) -> str:
    """`text` as the name of one file or folder on any system: never a path, never empty."""
    kept = "".join("_" if char in _FORBIDDEN or ord(char) < 32 else char for char in text).strip(" .")
    ending = PurePosixPath(kept).suffix
    ending = ending if len(ending) <= _LONGEST_ENDING else ""
    return kept[: len(kept) - len(ending)][:_LONGEST] + ending or "unnamed"


def _unique(folder: str, name: str, taken: set[str]) -> str:
    """`folder/name`, numbered where that is taken; systems that know no capitals count too."""
    names = (f"{folder}/{_numbered(name, number)}" for number in itertools.count(1))
    path = next(path for path in names if path.casefold() not in taken)
    taken.add(path.casefold())
    return path


def _numbered(name: str, number: int) -> str:
    """`a.jpg`, `a (2).jpg`, `a (3).jpg` …"""
    if number == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"


def _same(source: Path, target: Path) -> bool:
    """Whether what lies at `target` is `source`, or a copy of it."""
    return target.exists() and (target.samefile(source) or filecmp.cmp(source, target, shallow=False))
