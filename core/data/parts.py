"""The parts of a dataset: where its files come from, listed and measured."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from core import workspace
from core.data import archives, indexing, measure, scan, sources, tables, uploads
from core.data.uploads import Upload
from core.errors import DatasetError
from core.progress import Progress

Part = dict[str, Any]
_STAMP = ["bytes", "mtime_ns"]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What an earlier indexing found, to be used again for files that did not change."""

    table: pd.DataFrame | None = None
    rows: dict[tuple[str, int, int], measure.Row] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Known":
        """The tables in a dataset's folder; empty where there are none yet."""
        if not (folder / "table.parquet").exists():
            return cls()
        table = workspace.read_table(folder / "table.parquet")
        aside = workspace.read_table(folder / "set_aside.parquet").dropna(subset=_STAMP)
        measured = table.drop(columns=[name for name in table if _is_listed(str(name))]).to_dict("records")
        keys = table[["path", *_STAMP]].itertuples(index=False, name=None)
        rows = {key: _plain(row) for key, row in zip(keys, measured, strict=True)}
        for path, reason, size, time in aside[["path", "reason", *_STAMP]].itertuples(index=False, name=None):
            rows[(path, int(size), int(time))] = {"reason": reason}
        return cls(table=table, rows=rows)


@dataclass(frozen=True, kw_only=True)
class Indexed:
    """One part, measured: its rows, what was set aside, and what to say of it in dataset.json."""

    table: pd.DataFrame
    set_aside: pd.DataFrame
    described: Part


def bring(
    name: str, source: Path | Sequence[Upload] | None, folder: Path, *, prefix: str, progress: Progress
) -> Part:
    """Make a source available: link a folder, or put uploads and samples below the dataset's `folder`."""
    inside = f"images{prefix.rstrip('/').removeprefix('added')}"  # images, images-2, ...
    target = folder / inside
    part: Part = {"kind": "upload", "folder": inside, "prefix": prefix, "left_out": [], "table": None}
    if source is None:
        _write_sample(name, target, progress)
        return part | {"kind": "sample"}
    if isinstance(source, Path):
        source = source.expanduser().absolute()
        if source.is_dir():
            return part | {"kind": "folder", "folder": str(source)}
        if source.is_file() and source.suffix.lower() in scan.TABLE_ENDINGS:
            return part | {"kind": "folder", "folder": str(source.parent), "table": source.name}
        return part | {"left_out": _unpacked(source, target, progress), "given": source.name}
    try:
        return part | {"left_out": uploads.receive(source, target, progress=progress)}
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def discard(part: Part, folder: Path) -> None:
    """Remove what `bring` put below the dataset's folder."""
    if part["kind"] != "folder":
        shutil.rmtree(folder / part["folder"], ignore_errors=True)


def index(part: Part, folder: Path, known: Known, progress: Progress) -> Indexed:
    """List a part's files and measure those that are new or changed."""
    base = _base(part, folder)
    if not base.is_dir():
        raise DatasetError(
            f"The folder {base} is no longer there. If it was moved, relink the dataset to its new place."
        )
    listing = sources.read(base, only_table=part["table"])
    prefix = part["prefix"]
    listed = listing.table.assign(path=prefix + listing.table["path"])
    files = [listing.root / path for path in listing.table["path"]]
    frame = pd.DataFrame(_measured(listed["path"].tolist(), files, known, progress), index=listed.index)
    whole = pd.concat([listed, frame], axis=1)
    failed = whole["reason"].notna() if "reason" in whole else pd.Series(False, index=whole.index)
    aside = [(prefix + path, reason) for path, reason in [*listing.set_aside, *part["left_out"]]]
    described = {
        "inner": listing.root.relative_to(base).as_posix(),
        "shape": listing.shape,
        "tables": listing.tables,
        "ignored": listing.ignored,
    }
    return Indexed(
        table=whole[~failed].drop(columns="reason", errors="ignore").pipe(_typed),
        set_aside=_aside_table(aside, whole[failed]),
        described=described,
    )


def folder_of(part: Part, folder: Path) -> Path:
    """Where a part's paths start; `folder` is the dataset's own."""
    return _base(part, folder) / part.get("inner", ".")


def file_of(all_parts: list[Part], folder: Path, path: str) -> Path:
    """The file behind a dataset's path."""
    for part in all_parts[1:]:
        if path.startswith(part["prefix"]):
            return folder_of(part, folder) / path.removeprefix(part["prefix"])
    return folder_of(all_parts[0], folder) / path


def same(old: pd.DataFrame, new: pd.DataFrame) -> bool:
    """Whether two indexings found the same images with the same labels."""
    columns = ["sha256", *(column for column in map(str, new) if _is_listed(column) and column != "cluster")]
    return set(old) == set(new) and all(
        tables.with_none(old[column]).equals(tables.with_none(new[column])) for column in columns
    )


def _base(part: Part, folder: Path) -> Path:
    return folder / part["folder"]  # an absolute folder stays as it is


def _measured(paths: list[str], files: list[Path], known: Known, progress: Progress) -> list[measure.Row]:
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


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    whole = dict.fromkeys(("width", "height", *_STAMP), "int64")
    return table.astype({name: kind for name, kind in whole.items() if name in table})


def _aside_table(listed: list[tuple[str, str]], failed: pd.DataFrame) -> pd.DataFrame:
    rows = [(path, reason, None, None) for path, reason in listed]
    if len(failed):
        rows += failed[["path", "reason", *_STAMP]].itertuples(index=False, name=None)
    kinds: dict[str, Any] = {"path": object, "reason": object, "bytes": "Int64", "mtime_ns": "Int64"}
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    # Column by column: a passing float would round nanoseconds.
    pairs = zip(kinds.items(), columns, strict=True)
    return pd.DataFrame({name: pd.Series(list(values), dtype=kind) for (name, kind), values in pairs})


def _is_listed(name: str) -> bool:
    return name in sources.COLUMNS or name == "cluster" or name.startswith("column:")


def _plain(row: measure.Row) -> measure.Row:
    return {str(key): value for key, value in row.items()}


def _write_sample(name: str, target: Path, progress: Progress) -> None:
    from core.data import samples

    known = [sample.name for sample in samples.catalog()]
    if name not in known:
        raise DatasetError(
            f"{name!r} is no sample. Name a folder or a zip of images, or take a sample: {', '.join(known)}."
        )
    samples.write(name, target, progress)


def _unpacked(file: Path, target: Path, progress: Progress) -> archives.SetAside:
    if not file.is_file():
        raise DatasetError(f"There is no file or folder {file}. Name a folder or a zip of images.")
    if not archives.is_archive(file.name):
        raise DatasetError(
            f"{file.name} is neither a folder, an archive (zip, tar) nor a table (CSV, TSV, JSONL, Parquet) "
            "of images."
        )
    with open(file, "rb") as stream:
        upload = Upload(name=file.name, size=file.stat().st_size, stream=stream)
        return uploads.receive([upload], target, progress=progress)
