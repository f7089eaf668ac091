"""Walking a folder of a person's files: what is there, in a fixed order, without the system's litter."""

import heapq
import os
import unicodedata
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
    empty: list[str] = field(default_factory=list)  # folders without a file in or below them, the topmost


def is_litter(name: str) -> bool:
    """Whether a file or folder of that name belongs to the system and not to the person."""
    return name.startswith(".") or name.lower() in LITTER


def is_paper(path: str) -> bool:
    """Whether a file beside the images is a document that never claimed to be one (a README, a table)."""
    name = PurePosixPath(path)
    return name.suffix.lower() in _PAPERS or (not name.suffix and name.name.isupper())


def walk(root: Path) -> Found:
    """Every regular file below `root`; links are followed, and each real folder is entered once.

    Folders that lie below `root` come before what links point to, so that a link back into them is the one
    left out; where two links lead to one place, the first by name stands.
    """
    found = Found()
    entered: set[str] = set()
    entered_as: list[str] = []
    folders = [("", str(root))]  # path with a slash, where it is
    links: list[tuple[str, str]] = []
    while folders or links:
        prefix, folder = folders.pop() if folders else heapq.heappop(links)
        real = os.path.realpath(folder)
        if real in entered:
            found.set_aside.append((prefix.rstrip("/"), _why_again(folder, real)))
            continue
        entered.add(real)
        entered_as.append(prefix)
        for path, place, is_link in _entries(folder, prefix, found):
            if is_link:
                heapq.heappush(links, (path, place))
            else:
                folders.append((path, place))
    found.empty = _empty(entered_as, [*found.files, *(path for path, _ in found.set_aside)])
    found.files.sort()
    found.set_aside.sort()
    return found


def text(value: str) -> str:
    """A name in one spelling: composed Unicode, no blanks around it."""
    return unicodedata.normalize("NFC", value).strip()


def _entries(folder: str, prefix: str, found: Found) -> list[tuple[str, str, bool]]:
    """Note a folder's files; return its folders: path with a slash, where it is, whether it is a link."""
    folders = []
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        reason = f"the folder cannot be opened: {error.strerror or error}"
        found.set_aside.append((prefix.rstrip("/"), reason))
        return []
    for entry in entries:
        path = prefix + entry.name
        if is_litter(entry.name):
            found.ignored += 1
        elif not _is_text(entry.name):
            shown = path.encode(errors="replace").decode()
            found.set_aside.append((shown, "its name is not valid text (UTF-8): rename it"))
        elif (kind := _kind(entry)) == "folder":
            folders.append((path + "/", entry.path, entry.is_symlink()))
        elif kind == "file":
            found.files.append(path)
        else:
            found.set_aside.append((path, kind))
    return folders


def _empty(folders: list[str], files: list[str]) -> list[str]:
    """The topmost of `folders` (with a slash at the end; "": the top) that no file lies in or below."""
    filled = {""} | {f"{parent}/" for file in files for parent in PurePosixPath(file).parents}
    filled |= {f"{file}/" for file in files}  # folders that could not be opened
    return sorted(
        folder.rstrip("/")
        for folder in folders
        if folder not in filled and f"{PurePosixPath(folder).parent}/".removeprefix("./") in filled
    )


def _kind(entry: os.DirEntry[str]) -> str:
    """ "folder", "file", or why it is neither; links are followed."""
    try:
        if entry.is_dir():
            return "folder"
        return "file" if entry.is_file() else _what(entry)
    except OSError as error:  # a link to itself, a path that is too long
        return f"it cannot be looked at: {error.strerror or error}"


def _why_again(folder: str, real: str) -> str:
    if Path(os.path.realpath(Path(folder).parent)).is_relative_to(real):
        return "a link to a folder that it lies in"
    return "a link to a folder that was already read"


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
