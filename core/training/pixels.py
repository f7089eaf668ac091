"""Decoded pixels: each photo is decoded once, then read as a slice of a memory map.

A store holds `EvalTransform.square`s of one size, keyed by the content of their files, so that runs and
splits share it: training augments them, evaluation crops them. `core.training.pixel_files` keeps the stores.
"""

import collections
import concurrent.futures
import contextlib
import hashlib
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Protocol

import filelock
import numpy as np
import pandas as pd

from core import progress as progresses
from core.data import images
from core.errors import ImageError, TrainingError
from core.model import transform as transforms
from core.training import pixel_files

LIMIT_VARIABLE = pixel_files.LIMIT_VARIABLE


class Pixels(Protocol):
    """Images of one size, read by position."""

    def __len__(self) -> int: ...

    def take(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """The squares at `indices`: (n, side, side, 3) uint8."""


class MappedPixels:
    """Images that lie in a store; reading one costs a copy. While this lives, the store is in use."""

    def __init__(self, map_: np.ndarray, rows: np.ndarray, user: filelock.FileLock) -> None:
        self.map, self.rows, self.user = map_, rows, user

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        return self.map[self.rows[np.asarray(indices)]]


class DecodedPixels:
    """Images decoded each time they are asked for: slower, and needs no disk.

    A file's content is checked against the dataset's the first time, and again when the file was written
    to since.
    """

    def __init__(self, table: pd.DataFrame, transform: transforms.EvalTransform, threads: int) -> None:
        self.files, self.hashes = table["file"].tolist(), table["sha256"].tolist()
        self.transform = transform
        self.pool = concurrent.futures.ThreadPoolExecutor(threads, thread_name_prefix="decode")
        self.checked: dict[int, tuple[int, int]] = {}  # position -> size and time of the file when checked

    def __len__(self) -> int:
        return len(self.files)

    def take(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        squares = list(self.pool.map(self._read, np.asarray(indices).tolist()))
        side = self.transform.resize
        return np.stack(squares) if squares else np.empty((0, side, side, 3), np.uint8)

    def _read(self, i: int) -> np.ndarray:
        stamp = _stamp(self.files[i])
        known = stamp is not None and self.checked.get(i) == stamp
        square = _read(self.files[i], None if known else self.hashes[i], self.transform)
        if stamp is not None:
            self.checked[i] = stamp
        return square


def prepare(
    table: pd.DataFrame,
    transform: transforms.EvalTransform,
    *,
    threads: int,
    progress: progresses.Progress = progresses.silent,
) -> Pixels:
    """The squares of a manifest's images, row by row, decoding those that are not stored yet.

    Where the stores would outgrow their limit (`FIELDGUIDE_PIXEL_CACHE_GB`, for all sizes together) or the
    disk even without those that nobody uses, images are decoded on the fly instead. `progress` may raise to
    stop, also while another run holds the store.

    Raises:
        TrainingError: a file is gone, no longer readable, or not the one that the dataset holds.
    """
    side = transform.resize
    once = table.drop_duplicates("sha256")
    with pixel_files.alone(side, progress):
        store = pixel_files.newest(side) or pixel_files.fresh(side)
        known = store.rows()
        missing = once[~once["sha256"].isin(known.keys())]
        if not pixel_files.make_room(len(missing) * store.row_bytes, side=side, beside=store):
            if not pixel_files.make_room(
                len(once) * store.row_bytes, side=side, beside=None, giving_up=store
            ):
                return DecodedPixels(table, transform, threads)
            store, known, missing = pixel_files.fresh(side), {}, once
        _append(store, known, missing, transform, threads, progress)
        pixels, user = store.open(max(known.values()) + 1)
        return MappedPixels(pixels, np.array([known[sha] for sha in table["sha256"]]), user)


def _append(
    store: pixel_files.Store,
    known: dict[str, int],
    missing: pd.DataFrame,
    transform: transforms.EvalTransform,
    threads: int,
    progress: progresses.Progress,
) -> None:
    """Decode the missing images and write them behind the last row; `known` learns their rows."""
    if missing.empty:
        return
    hashes = missing["sha256"].tolist()
    decoded = _decoded(list(zip(missing["file"], hashes, strict=True)), transform, threads)
    first = max(known.values(), default=-1) + 1
    rows = store.append(first, zip(hashes, decoded, strict=True))
    with contextlib.closing(rows), contextlib.closing(decoded):
        for sha, row in zip(hashes, rows, strict=True):
            known[sha] = row
            progress(row - first + 1, len(hashes), "Decoding images")


def _decoded(
    wanted: list[tuple[str, str]], transform: transforms.EvalTransform, threads: int
) -> Generator[np.ndarray]:
    """Read (file, sha256) pairs in order with several threads; Pillow works outside Python's lock."""
    ahead = 8 * threads  # bounds what lies decoded in memory
    with concurrent.futures.ThreadPoolExecutor(max_workers=threads) as pool:
        pending: collections.deque[concurrent.futures.Future[np.ndarray]] = collections.deque()
        try:
            for file, sha in wanted:
                pending.append(pool.submit(_read, file, sha, transform))
                if len(pending) >= ahead:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _stamp(file: str) -> tuple[int, int] | None:
    """A file's size and time of writing; None where it is gone, which reading it will explain."""
    try:
        stat = Path(file).stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _read(file: str, sha: str | None, transform: transforms.EvalTransform) -> np.ndarray:
    """One square, (side, side, 3) uint8, if its file still has the hash `sha`; None does not ask."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise TrainingError(
            f"{file} cannot be read any more ({error.strerror}). Put it back, relink the dataset's folder, "
            "or add "
            "the dataset anew, then start again."
        ) from None
    if sha is not None and hashlib.sha256(data).hexdigest() != sha:
        raise TrainingError(
            f"{file} has changed since it was added. Add the dataset anew and make a new split."
        )
    try:
        return transform.square(images.decode(data, short_side=transform.resize))
    except ImageError as error:
        raise TrainingError(
            f"{file} cannot be decoded: {error} Exclude it from the dataset and start again."
        ) from error
