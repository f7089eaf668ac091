"""Walking a folder of a person's files: what is there, in a fixed order, without the system's litter."""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

LITTER = frozenset(
    {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin", "@eadir", "lost+found"}
)
TABLE_ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")
_PAPERS = (
    *TABLE_ENDINGS,
    ".md",
    ".txt",
    ".json",
    ".xml",
    ".html",
    ".htm",
    ".yaml",
    ".yml",
    ".pdf",
    ".log",
    ".rst",
)


@dataclass
class Found:
    """What a walk came across. Paths are posix, relative to the folder, sorted."""

    files: list[str] = field(default_factory=list)
    set_aside: list[tuple[str, str]] = field(default_factory=list)  # path, reason
    ignored: int = 0  # hidden files and the system's litter


def is_litter(name: str) -> bool:
    """Whether a file or folder of that name belongs to the system and not to the person."""
    return name.startswith(".") or name.lower() in LITTER


def is_paper(path: str) -> bool:
    """Whether a file beside the images is a document that never claimed to be one (a README, a table)."""
    name = PurePosixPath(path)
    return name.suffix.lower() in _PAPERS or (not name.suffix and name.name.isupper())


def walk(root: Path) -> Found:
    """Every regular file below `root`; links are followed, but no folder is entered twice on one path."""
    found = Found()
    for path, reason in _entries(root, "", frozenset({os.path.realpath(root)}), found):
        if reason is None:
            found.files.append(path)
        else:
            found.set_aside.append((path, reason))
    found.files.sort()
    found.set_aside.sort()
    return found


def text(value: str) -> str:
    """A name in one spelling: composed Unicode, no blanks around it."""
    return unicodedata.normalize("NFC", value).strip()


def _entries(
    folder: Path, prefix: str, above: frozenset[str], found: Found
) -> Iterator[tuple[str, str | None]]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        yield prefix.rstrip("/"), f"the folder cannot be opened: {error.strerror or error}"
        return
    for entry in entries:
        path = prefix + entry.name
        if is_litter(entry.name):
            found.ignored += 1
        elif not _is_text(entry.name):
            yield path.encode(errors="replace").decode(), "its name is not valid text (UTF-8): rename it"
        elif entry.is_dir():
            real = os.path.realpath(entry.path)
            if real in above:
                yield path, "a link to a folder that it lies in"
            else:
                yield from _entries(Path(entry.path), path + "/", above | {real}, found)
        else:
            yield path, None if entry.is_file() else _what(entry)


def _what(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "a link to a file that is no longer there"
    return "not a regular file (a device, a pipe or a socket)"


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8 come as lone surrogates
        return False
    return True
