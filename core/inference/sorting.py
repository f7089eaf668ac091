"""The originals in class folders, as one zip: what a person takes away after many images were answered."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import BinaryIO

_FORBIDDEN = frozenset('<>:"/\\|?*')
_LONGEST = 100
_LONGEST_ENDING = 10


def into_zip(target: BinaryIO, images: Iterable[tuple[str, str, bytes]]) -> int:
    """Write `images`, each (class, name, bytes), to `target` as `class/name`; return how many there were.

    One image is held at a time. Names are made fit for every system and unique within their folder. Images
    are compressed already, so they are stored as they are.
    """
    taken: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        count = 0
        for folder, name, data in images:
            archive.writestr(_unique(safe(folder), safe(PurePosixPath(name).name), taken), data)
            count += 1
    return count


def zipped(images: Iterable[tuple[str, str, bytes]]) -> bytes:
    """`into_zip` in memory, for a browser that waits for it."""
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
    stem, dot, ending = name.rpartition(".")
    number, path = 1, f"{folder}/{name}"
    while path.casefold() in taken:
        number += 1
        path = f"{folder}/{stem} ({number}).{ending}" if dot else f"{folder}/{name} ({number})"
    taken.add(path.casefold())
    return path
