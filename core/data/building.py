"""Making and remaking a dataset's files, under a lock, so that readers see all of it or nothing."""

import datetime
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock
import pandas as pd

from core import workspace
from core.data import near, parts, remembered, tables
from core.errors import DatasetError
from core.progress import Progress


def index(meta: dict[str, Any], folder: Path, progress: Progress) -> None:
    """List every part, measure what is new, and write tables and version."""
    old = remembered.Known.read(folder)
    listed = [parts.index(part, folder, old, progress) for part in meta["parts"]]
    table = pd.concat([one.table for one in listed], ignore_index=True)
    aside = pd.concat([one.set_aside for one in listed], ignore_index=True)
    if table.empty:
        raise DatasetError(_nothing_readable(aside))
    table = table.sort_values("path", ignore_index=True)
    table["cluster"] = _clusters(old, table, progress)
    aside = aside.sort_values("path", ignore_index=True)
    changed = not _is_same(old, table, aside)
    workspace.write_table(folder / "table.parquet", table)
    workspace.write_table(folder / "set_aside.parquet", aside)
    described = [part | one.described for part, one in zip(meta["parts"], listed, strict=True)]
    number = meta["version"] + (1 if changed else 0)
    workspace.write_json(folder / "dataset.json", meta | {"parts": described, "version": number})


def indexed(folder: Path) -> pd.DataFrame:
    """The table that `index` wrote: the images before any edit."""
    table = workspace.read_table(folder / "table.parquet")
    optional = [name for name in table if name in ("group", "subset") or name.startswith("column:")]
    return table.assign(**{name: tables.with_none(table[name]) for name in optional})


def _is_same(old: remembered.Known, table: pd.DataFrame, aside: pd.DataFrame) -> bool:
    """Whether an earlier indexing said the same of images and of files set aside."""
    if old.table is None or old.set_aside is None:
        return False
    return remembered.same(old.table, table) and remembered.same_text(
        old.set_aside, aside, ["path", "reason"]
    )


def _clusters(old: remembered.Known, table: pd.DataFrame, progress: Progress) -> Any:
    """Near-duplicates, searched for again only when the contents changed."""
    if old.table is not None and remembered.same_text(old.table, table, ["path", "sha256"]):
        return old.table["cluster"]
    progress(len(table), len(table), "Looking for near-duplicates")
    return near.clusters(table)


def _nothing_readable(aside: pd.DataFrame) -> str:
    first = aside.iloc[0] if len(aside) else None
    detail = f" The first of {len(aside)}: {first['path']}, {first['reason']}." if first is not None else ""
    return (
        f"None of the files could be read as an image.{detail} Bring JPEG, PNG, WebP, BMP, GIF or TIFF "
        "images, those of each class in a folder of its own."
    )


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one process changes a dataset at a time; others are told instead of kept waiting."""
    workspace.check_name(name)
    try:
        with workspace.lock(workspace.folder("datasets", ".locks") / f"{name}.lock", timeout=2):
            yield
    except filelock.Timeout:
        raise DatasetError(f"Dataset {name!r} is being changed by someone else. Try again shortly.") from None


@contextmanager
def under_construction() -> Iterator[Path]:
    """A hidden folder that is thrown away unless it was renamed to its final place.

    Those that a killed process left behind go first, and what is left of datasets that were being deleted.
    """
    name = f".new-{secrets.token_hex(4)}"
    lock = _lock_file(name)
    try:
        with workspace.lock(lock):
            _sweep()
            folder = workspace.folder("datasets", name)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.unlink(missing_ok=True)


def _sweep() -> None:
    datasets = workspace.folder("datasets")
    for left in [*datasets.glob(".new-*"), *datasets.glob(".deleted-*")]:
        if not workspace.is_locked(_lock_file(left.name)):
            shutil.rmtree(left, ignore_errors=True)


def _lock_file(name: str) -> Path:
    return workspace.folder("datasets", ".locks") / f"{name.removeprefix('.')}.lock"


def now() -> str:
    """The time, as the workspace's files keep it: ISO 8601, UTC.

    To the microsecond: it tells a dataset from a deleted one of the same name.
    """
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
