"""Where decoded pixels lie on disk, who uses them, and what makes room for more.

A store holds the squares of one size, each image once, keyed by the content of its file:

    cache/pixels/<side>px.lock                   held by whoever opens, extends or drops a store of that size
    cache/pixels/<side>px/<generation>/
        pixels.u8      (n_rows, side, side, 3) uint8
        rows.jsonl     {"sha256", "row"}: written once its row lies on the disk; touched at each use
        *.user         one for each process that reads the store, locked while it does

Rows are only ever appended, and a store that is built anew gets a generation of its own: whoever has one
open goes on reading what was there.
"""

import contextlib
import dataclasses
import json
import os
import shutil
import time
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path

import filelock
import numpy as np

from core import progress as progresses
from core import workspace

LIMIT_VARIABLE = "FIELDGUIDE_PIXEL_CACHE_GB"
DEFAULT_LIMIT_GB = 20.0
KEEP_FREE_BYTES = 1 << 30
BLOCK_ROWS = 512
"""Rows that are synced to the disk together, and what a killed writer loses at most."""
POLL_SECONDS = 0.3


@dataclasses.dataclass(frozen=True)
class Store:
    """One generation of the squares of one size; call its methods while holding the size's lock."""

    folder: Path

    @property
    def side(self) -> int:
        return int(self.folder.parent.name.removesuffix("px"))

    @property
    def row_bytes(self) -> int:
        return self.side**2 * 3

    @property
    def pixels(self) -> Path:
        return self.folder / "pixels.u8"

    @property
    def lines(self) -> Path:
        return self.folder / "rows.jsonl"

    def bytes(self) -> int:
        """What it takes on the disk."""
        with contextlib.suppress(FileNotFoundError):
            return self.pixels.stat().st_size
        return 0

    def used(self) -> float:
        """When somebody opened it last, in seconds since 1970."""
        with contextlib.suppress(FileNotFoundError):
            return self.lines.stat().st_mtime
        return 0.0

    def rows(self) -> dict[str, int]:
        """The row of each image, by its hash; lines whose row is not there any more are struck out."""
        written = workspace.read_lines(self.lines)
        there = self.bytes() // self.row_bytes
        kept = [line for line in written if line["row"] < there]
        if len(kept) < len(written):
            workspace.write_bytes(self.lines, "".join(f"{json.dumps(line)}\n" for line in kept).encode())
        return {line["sha256"]: line["row"] for line in kept}

    def open(self, n_rows: int) -> tuple[np.ndarray, filelock.FileLock]:
        """The first rows, (n_rows, side, side, 3), and a lock that says for as long as it is held that
        they are in use.
        """
        for mark in self.folder.glob("*.user"):
            if not workspace.is_locked(mark):
                mark.unlink(missing_ok=True)  # of a process that has ended
        user = workspace.lock(self.folder / f"{uuid.uuid4().hex}.user")
        user.acquire()
        self.lines.touch()
        shape = (n_rows, self.side, self.side, 3)
        return np.memmap(self.pixels, dtype=np.uint8, mode="r", shape=shape), user

    def in_use(self) -> bool:
        """Whether a living process has it open."""
        return any(workspace.is_locked(mark) for mark in self.folder.glob("*.user"))

    def append(self, first: int, squares: Iterator[tuple[str, np.ndarray]]) -> Generator[int]:
        """Write `squares`, each with its hash, from row `first` on, and tell the row of each.

        A block of rows lies on the disk before its lines say so: no loss of power leaves a line without
        its pixels. Whoever stops in between keeps what was written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pixels.touch()
        waiting: list[dict[str, str | int]] = []
        with open(self.pixels, "r+b") as file:
            file.truncate(first * self.row_bytes)  # beyond it lie only rows without a line
            file.seek(first * self.row_bytes)

            def settle() -> None:
                file.flush()
                os.fsync(file.fileno())
                workspace.append_lines(self.lines, waiting)
                waiting.clear()

            try:
                for row, (sha, pixels) in enumerate(squares, first):
                    file.write(pixels.tobytes())
                    waiting.append({"sha256": sha, "row": row})
                    if len(waiting) == BLOCK_ROWS:
                        settle()
                    yield row
            finally:
                if waiting:
                    settle()

    def drop(self) -> bool:
        """Delete it, unless it is in use."""
        if self.in_use():
            return False
        shutil.rmtree(self.folder, ignore_errors=True)
        return True


@contextlib.contextmanager
def alone(side: int, progress: progresses.Progress) -> Iterator[None]:
    """Hold the lock of one size. `progress` hears of the waiting, and may raise to give it up."""
    lock = _lock(side)
    while True:
        with contextlib.suppress(filelock.Timeout):
            lock.acquire()
            break
        progress(0, 0, "Waiting for another run that decodes images")
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()


def newest(side: int) -> Store | None:
    """The store of a size that counts; earlier generations go as soon as nobody uses them."""
    place = _folder() / f"{side}px"
    for name in ("pixels.u8", "rows.jsonl"):
        (place / name).unlink(missing_ok=True)  # of before there were generations: its rows were not synced
    found = _generations(place)
    for earlier in found[:-1]:
        earlier.drop()
    return found[-1] if found else None


def fresh(side: int) -> Store:
    """A store that is not there yet."""
    return Store(_folder() / f"{side}px" / f"{time.time_ns():020d}")


def make_room(needed: int, *, side: int, beside: Store | None, giving_up: Store | None = None) -> bool:
    """Whether `needed` more bytes may be stored; drops for it what was used longest ago.

    The limit is for all sizes together. `beside` is kept; `giving_up` goes first; nothing that is in use
    goes, and nothing goes in vain. The caller holds the lock of `side`.
    """
    every = [store for place in _folder().glob("*px") for store in _generations(place)]
    droppable = sorted(
        (store for store in every if store != beside and not store.in_use() and not _busy(store, side)),
        key=lambda store: (store != giving_up, store.used()),
    )
    if not _fits(needed, sum(store.bytes() for store in every), sum(store.bytes() for store in droppable)):
        return False
    for store in droppable:
        if store != giving_up and _fits(needed, sum(other.bytes() for other in every), 0):
            break
        _drop(store, side)
    return _fits(needed, sum(store.bytes() for store in every), 0)


def limit_bytes() -> int:
    """How much the stores of all sizes may take together."""
    return int(float(os.environ.get(LIMIT_VARIABLE) or DEFAULT_LIMIT_GB) * 2**30)


def _fits(needed: int, held: int, freed: int) -> bool:
    """Whether limit and disk allow `needed` more bytes, when `freed` of the `held` are given up."""
    within = held - freed + needed <= limit_bytes()
    return within and (needed == 0 or needed + KEEP_FREE_BYTES <= workspace.free_bytes() + freed)


def _busy(store: Store, side: int) -> bool:
    """Whether somebody builds or opens stores of that other size."""
    return store.side != side and workspace.is_locked(Path(_lock(store.side).lock_file))


def _drop(store: Store, side: int) -> None:
    """Delete a store under its size's lock; one that somebody works on is left."""
    if store.side == side:
        store.drop()
        return
    with contextlib.suppress(filelock.Timeout), _lock(store.side):
        store.drop()


def _lock(side: int) -> filelock.FileLock:
    """The lock of one size; taken at once or not at all."""
    return workspace.lock(_folder() / f"{side}px.lock", timeout=0)


def _generations(place: Path) -> list[Store]:
    """The stores of a size, oldest first."""
    return [Store(path) for path in sorted(place.glob("[0-9]*")) if path.is_dir()]


def _folder() -> Path:
    return workspace.cache_folder("pixels")
