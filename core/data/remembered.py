"""What an earlier indexing of a dataset found, so that nothing is read twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from core import workspace
from core.data import indexing, labelling, measure, tables
from core.progress import Progress

_STAMP = ["bytes", "mtime_ns"]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What an earlier indexing found, to be used again for files that did not change."""

    table: pd.DataFrame | None = None
    set_aside: pd.DataFrame | None = None
    rows: dict[tuple[str, int, int], measure.Row] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Known":
        """The tables in a dataset's folder; empty where there are none yet."""
        if not (folder / "table.parquet").exists():
            return cls()
        table = workspace.read_table(folder / "table.parquet")
        set_aside = workspace.read_table(folder / "set_aside.parquet")
        aside = set_aside.dropna(subset=_STAMP)
        measured = table.drop(columns=[name for name in table if _is_listed(str(name))]).to_dict("records")
        keys = table[["path", *_STAMP]].itertuples(index=False, name=None)
        rows = {key: _plain(row) for key, row in zip(keys, measured, strict=True)}
        for path, reason, size, time in aside[["path", "reason", *_STAMP]].itertuples(index=False, name=None):
            rows[(path, int(size), int(time))] = {"reason": reason}
        return cls(table=table, set_aside=set_aside, rows=rows)


def same(old: pd.DataFrame, new: pd.DataFrame) -> bool:
    """Whether two indexings found the same images with the same labels."""
    columns = ["sha256", *(column for column in map(str, new) if _is_listed(column) and column != "cluster")]
    return set(old) == set(new) and same_text(old, new, columns)


def same_text(old: pd.DataFrame, new: pd.DataFrame, columns: Sequence[str]) -> bool:
    """Whether two tables say the same in columns of text, whatever types the cells were read back as."""
    return all(tables.with_none(old[column]).equals(tables.with_none(new[column])) for column in columns)


def measured(paths: list[str], files: list[Path], known: Known, progress: Progress) -> list[measure.Row]:
    """One row per file: what is known of those with the same path, size and time, and the others read."""
    stamps = [_stamp(file) for file in files]
    keys = [(path, *stamp) for path, stamp in zip(paths, stamps, strict=True)]
    new = [number for number, key in enumerate(keys) if key not in known.rows]
    fresh = dict(zip(new, indexing.index([files[number] for number in new], progress=progress), strict=True))
    rows = [fresh[number] if number in fresh else known.rows[key] for number, key in enumerate(keys)]
    for row, stamp in zip(rows, stamps, strict=True):  # in place: there may be very many
        for name, value in zip(_STAMP, stamp, strict=True):
            row.setdefault(name, value)
    return rows


def _stamp(file: Path) -> tuple[int, int]:
    try:
        stat = file.stat()
    except OSError:  # the worker says what is wrong with it
        return -1, -1
    return stat.st_size, stat.st_mtime_ns


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with whole numbers where missing values of failed files made others of them."""
    whole = dict.fromkeys(("width", "height", *_STAMP), "int64")
    return table.astype({name: kind for name, kind in whole.items() if name in table})


def aside_table(listed: list[tuple[str, str]], failed: pd.DataFrame) -> pd.DataFrame:
    """What was set aside, before and after opening: path, reason, bytes, mtime_ns.

    Size and time are missing where nothing was opened, and where the reason may pass: such files are read
    again the next time.
    """
    rows: list[tuple[Any, ...]] = [(path, reason, None, None) for path, reason in listed]
    for row in failed.to_dict("records"):
        stamp = (None, None) if row.get("passing") is True else tuple(row[name] for name in _STAMP)
        rows.append((row["path"], row["reason"], *stamp))
    kinds: dict[str, Any] = {"path": object, "reason": object, "bytes": "Int64", "mtime_ns": "Int64"}
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    # Column by column: a passing float would round nanoseconds.
    pairs = zip(kinds.items(), columns, strict=True)
    return pd.DataFrame({name: pd.Series(list(values), dtype=kind) for (name, kind), values in pairs})


def _is_listed(name: str) -> bool:
    return name in labelling.COLUMNS or name == "cluster" or name.startswith("column:")


def _plain(row: measure.Row) -> measure.Row:
    return {str(key): value for key, value in row.items()}
