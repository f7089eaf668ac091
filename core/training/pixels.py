"""Decoded pixels on disk: each photo is decoded once, then read as a slice of a memory map.

A store holds `EvalTransform.square`s of one size, keyed by the content of their files, so that runs and
splits share it: training augments them, evaluation crops them. Rows are only ever appended:

    cache/pixels/<side>px/pixels.u8      (n_rows, side, side, 3) uint8
    cache/pixels/<side>px/rows.jsonl     {"sha256", "row"}: written after the row itself
"""

import collections
import concurrent.futures
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from core import progress as progresses
from core import workspace
from core.data import images
from core.errors import ImageError, TrainingError
from core.model import transform as transforms

LIMIT_VARIABLE = "FIELDGUIDE_PIXEL_CACHE_GB"
DEFAULT_LIMIT_GB = 20.0
KEEP_FREE_BYTES = 1 << 30


class Pixels(Protocol):
    """Images of one size, read by position."""

    def __len__(self) -> int: ...

    def take(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """The squares at `indices`: (n, side, side, 3) uint8."""


class MappedPixels:
    """Images that lie in a store; reading one costs a copy."""

    def __init__(self, map_: np.ndarray, rows: np.ndarray) -> None:
        self.map, self.rows = map_, rows

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        return self.map[self.rows[np.asarray(indices)]]


class DecodedPixels:
    """Images decoded each time they are asked for: slower, and needs no disk."""

    def __init__(self, table: pd.DataFrame, transform: transforms.EvalTransform, threads: int) -> None:
        self.files, self.hashes = table["file"].tolist(), table["sha256"].tolist()
        self.transform, self.threads = transform, threads

    def __len__(self) -> int:
        return len(self.files)

    def take(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        wanted = [(self.files[i], self.hashes[i]) for i in indices]
        return np.stack(list(_decoded(wanted, self.transform, self.threads)))


def prepare(
    table: pd.DataFrame,
    transform: transforms.EvalTransform,
    *,
    threads: int,
    progress: progresses.Progress = progresses.silent,
) -> Pixels:
    """The squares of a manifest's images, row by row, decoding those that are not stored yet.

    Where the store would outgrow its limit (`FIELDGUIDE_PIXEL_CACHE_GB`) or the disk, images are decoded
    on the fly instead.

    Raises:
        TrainingError: a file is gone, no longer readable, or not the one that the dataset holds.
    """
    side = transform.resize
    folder = workspace.cache_folder("pixels") / f"{side}px"
    images_once = table.drop_duplicates("sha256")
    with workspace.lock(folder.with_suffix(".lock")):
        known = _rows(folder)
        missing = images_once[~images_once["sha256"].isin(known.keys())]
        if known and not _fits(len(known), len(missing), side):
            shutil.rmtree(folder, ignore_errors=True)  # a map that another run holds stays readable
            known, missing = {}, images_once
        if not _fits(len(known), len(missing), side):
            return DecodedPixels(table, transform, threads)
        known = _append(folder, known, missing, transform, threads, progress)
    shape = (max(known.values()) + 1, side, side, 3)
    pixels = np.memmap(folder / "pixels.u8", dtype=np.uint8, mode="r", shape=shape)
    return MappedPixels(pixels, np.array([known[sha] for sha in table["sha256"]]))


def limit_bytes() -> int:
    """How large one store may grow."""
    return int(float(os.environ.get(LIMIT_VARIABLE) or DEFAULT_LIMIT_GB) * 2**30)


def _fits(n_stored: int, n_more: int, side: int) -> bool:
    """Whether the limit and the disk allow a store of that many images."""
    row_bytes = side**2 * 3
    more = n_more * row_bytes
    return (n_stored + n_more) * row_bytes <= limit_bytes() and (
        more == 0 or more + KEEP_FREE_BYTES <= workspace.free_bytes()
    )


def _rows(folder: Path) -> dict[str, int]:
    return {line["sha256"]: line["row"] for line in workspace.read_lines(folder / "rows.jsonl")}


def _append(
    folder: Path,
    known: dict[str, int],
    missing: pd.DataFrame,
    transform: transforms.EvalTransform,
    threads: int,
    progress: progresses.Progress,
) -> dict[str, int]:
    """Decode the missing images and write each behind the last row; a killed writer loses only its last
    one.
    """
    if missing.empty:
        return known
    folder.mkdir(parents=True, exist_ok=True)
    first = max(known.values(), default=-1) + 1
    wanted = list(zip(missing["file"], missing["sha256"], strict=True))
    row_bytes = transform.resize**2 * 3
    path = folder / "pixels.u8"
    path.touch()
    with open(path, "r+b") as file:
        file.truncate(first * row_bytes)
        file.seek(first * row_bytes)
        for done, (pixels, (_, sha)) in enumerate(
            zip(_decoded(wanted, transform, threads), wanted, strict=True)
        ):
            file.write(pixels.tobytes())
            file.flush()  # the row lies there before its line says so
            workspace.append_line(folder / "rows.jsonl", {"sha256": sha, "row": first + done})
            known[sha] = first + done
            progress(done + 1, len(wanted), "Decoding images")
    return known


def _decoded(
    wanted: list[tuple[str, str]], transform: transforms.EvalTransform, threads: int
) -> Iterator[np.ndarray]:
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


def _read(file: str, sha: str, transform: transforms.EvalTransform) -> np.ndarray:
    """One square, (side, side, 3) uint8, if it still is what the dataset holds."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise TrainingError(
            f"{file} cannot be read any more ({error.strerror}). Put it back, relink the dataset's folder, "
            "or add "
            "the dataset anew, then start again."
        ) from None
    if hashlib.sha256(data).hexdigest() != sha:
        raise TrainingError(
            f"{file} has changed since it was added. Add the dataset anew and make a new split."
        )
    try:
        return transform.square(images.decode(data, short_side=transform.resize))
    except ImageError as error:
        raise TrainingError(
            f"{file} cannot be decoded: {error} Exclude it from the dataset and start again."
        ) from error
