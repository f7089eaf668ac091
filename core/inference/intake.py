"""What a visitor brings, on the disk from the first moment, for as long as they look at it.

    cache/uploads/<server>/             one folder for each running server, which holds its lock
                  <server>/<visitor>/   one tray for each visitor: 000001.jpg, 000002/ (what a zip held), ...

A visitor's tray goes when nothing refers to it any more, or the server ends; what a crashed server left
behind goes when the next one is asked for a tray. Nobody's tray is taken away for somebody else's.
"""

import contextlib
import functools
import os
import shutil
import tempfile
import time
import weakref
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import filelock

from core import workspace
from core.data import archives, images, scan, unpacking
from core.errors import ArchiveError, InferenceError

MOST_IMAGES = 20_000
MOST_BYTES = 4 * 2**30
HOURS_KEPT = 24.0
"""How long a tray lies untouched before it is thought to be forgotten."""
_LOCK = "server.lock"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One image to be answered: what the person calls it and where it lies, or why it cannot be taken."""

    name: str
    file: Path | None = None
    reason: str | None = None


class Tray:
    """The images of one visitor, in the order in which they came; the folder lives as long as this does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.items: list[Item] = []
        self.starts: list[int] = []
        """Where in `items` each bringing began."""
        self.bytes = 0
        self._number = 0
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def begin(self) -> None:
        """What is taken from now on was brought together."""
        if not self.starts or self.starts[-1] < len(self.items):
            self.starts.append(len(self.items))

    def take(self, name: str, size: int, stream: BinaryIO) -> None:
        """Keep one upload, or every member of an archive; a member left out is an item with its reason.

        `size` is that of the stream in bytes.

        Raises:
            InferenceError: the tray is full, or the disk is.
            ArchiveError: the archive cannot be unpacked.
        """
        self._check_room(name, size)
        self._number += 1
        inside = archives.is_archive(name)
        self.items += self._unpacked(name, stream) if inside else [self._kept(name, size, stream)]

    def clear(self) -> None:
        """Let go of everything that was brought; answers about it lie in the same folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.items, self.starts, self.bytes = [], [], 0

    def touch(self) -> bool:
        """Say that somebody is looking; False where the tray was thought to be forgotten."""
        try:
            os.utime(self.folder)
        except FileNotFoundError:
            self.clear()
            return False
        return True

    def _check_room(self, name: str, size: int) -> None:
        if len(self.items) >= MOST_IMAGES:
            raise InferenceError(
                f"{name} was left out: {MOST_IMAGES:,} images are the most at a time. Start over, or name a "
                "folder on the server."
            )
        if self.bytes + size > MOST_BYTES:
            raise InferenceError(
                f"{name} was left out: with it there would be more than {MOST_BYTES / 2**30:.0f} GiB here. "
                "Start over, or name a folder on the server."
            )
        free = workspace.free_bytes()
        if size > free - archives.KEEP_FREE:
            raise InferenceError(
                f"{name} was left out: it has {size / 1e6:,.0f} MB, and the server's disk has "
                f"{free / 1e6:,.0f} MB free, of which {archives.KEEP_FREE / 1e6:,.0f} are kept. Free some "
                "space, or bring fewer images."
            )

    def _kept(self, name: str, size: int, stream: BinaryIO) -> Item:
        """Written under a number: no name of a person's file becomes a path here."""
        ending = PurePosixPath(name).suffix.lower()
        file = self.folder / f"{self._number:06d}{ending if ending in images.ENDINGS else ''}"
        stream.seek(0)
        try:
            with open(file, "wb") as kept:
                shutil.copyfileobj(stream, kept, 1 << 20)
        except OSError as error:
            file.unlink(missing_ok=True)
            raise InferenceError(f"{name} could not be written to the disk: {error.strerror}.") from error
        self.bytes += size
        return Item(name=name, file=file)

    def _unpacked(self, name: str, stream: BinaryIO) -> list[Item]:
        folder = self.folder / f"{self._number:06d}"
        folder.mkdir()
        stream.seek(0)
        try:
            left_out = unpacking.unpack(stream, folder, name)
            found = scan.walk(folder)
            self._check_members(name, folder, found.files)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        whole = [Item(name=path, file=folder / path) for path in found.files]
        refused = [
            Item(name=path, reason=_sentence(reason)) for path, reason in left_out.set_aside + found.set_aside
        ]
        return sorted(whole + refused, key=lambda item: item.name)

    def _check_members(self, name: str, folder: Path, files: list[str]) -> None:
        if len(self.items) + len(files) > MOST_IMAGES:
            raise ArchiveError(
                f"{name} holds {len(files):,} files; {MOST_IMAGES:,} images are the most at a time. Name a "
                "folder on the server, or use the command line."
            )
        size = sum((folder / path).stat().st_size for path in files)
        if self.bytes + size > MOST_BYTES:
            raise ArchiveError(
                f"{name} unpacks to {size / 2**30:.1f} GiB; {MOST_BYTES / 2**30:.0f} GiB are the most at a "
                "time. Name a folder on the server, or use the command line."
            )
        self.bytes += size


def open_tray() -> Tray:
    """A new, empty tray; what dead servers and forgetful visitors left behind is removed first.

    Raises:
        WorkspaceError: the workspace cannot be written.
    """
    mine = _server_folder(workspace.home())
    if not (mine / _LOCK).exists():  # the cache was emptied, as it may be at any time
        _server_folder.cache_clear()
        mine = _server_folder(workspace.home())
    sweep(mine)
    return Tray(Path(tempfile.mkdtemp(prefix="tray-", dir=mine)))


def sweep(mine: Path) -> None:
    """Remove the trays of servers that are gone, and of this one those untouched for a day."""
    with _sweeping():
        for folder in mine.parent.iterdir():
            if folder.is_dir() and folder != mine and not workspace.is_locked(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)
    for tray in mine.glob("tray-*"):
        with contextlib.suppress(FileNotFoundError):  # its visitor has gone meanwhile
            if time.time() - tray.stat().st_mtime > HOURS_KEPT * 3600:
                shutil.rmtree(tray, ignore_errors=True)


@functools.cache
def _server_folder(home: Path) -> Path:
    """This process's folder; the lock in it is held until the process ends, however it ends."""
    with _sweeping():
        folder = Path(tempfile.mkdtemp(prefix="server-", dir=workspace.cache_folder("uploads")))
        _held[folder] = workspace.lock(folder / _LOCK, timeout=0)
        _held[folder].acquire()
    return folder


_held: dict[Path, filelock.FileLock] = {}  # a lock that nobody refers to is given back


def _sweeping() -> filelock.FileLock:
    return workspace.lock(workspace.cache_folder("uploads") / ".sweep.lock")


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:].rstrip(".") + "."
