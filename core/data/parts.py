"""The parts of a dataset: where its files come from, listed and measured."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core import paths
from core.data import archives, remembered, scan, sources, uploads
from core.data.uploads import Upload
from core.errors import DatasetError
from core.progress import Progress

Part = dict[str, Any]


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
    part: Part = {"kind": "upload", "folder": inside, "prefix": prefix, "table": None}
    shutil.rmtree(target, ignore_errors=True)  # what an addition left behind that was killed
    if source is None:
        _write_sample(name, target, progress)
        return part | {"kind": "sample"}
    if isinstance(source, Path):
        source = paths.expanded(source).absolute()
        if paths.is_dir(source):
            return part | {"kind": "folder", "folder": str(source)}
        if paths.is_file(source) and source.suffix.lower() in scan.TABLE_ENDINGS:
            return part | {"kind": "folder", "folder": str(source.parent), "table": source.name}
        return part | _left_out(_unpacked(source, target, progress)) | {"given": source.name}
    try:
        left_out = _left_out(uploads.receive(source, target, progress=progress))
        return part | left_out | {"given": uploads.in_words(source)}
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def discard(part: Part, folder: Path) -> None:
    """Remove what `bring` put below the dataset's folder."""
    if part["kind"] != "folder":
        shutil.rmtree(folder / part["folder"], ignore_errors=True)


def index(part: Part, folder: Path, known: remembered.Known, progress: Progress) -> Indexed:
    """List a part's files and measure those that are new or changed."""
    base = _base(part, folder)
    if not paths.is_dir(base):
        raise DatasetError(
            f"The folder {base} is no longer there, or cannot be looked at. If it was moved, relink the "
            "dataset to its new place."
        )
    prefix = part["prefix"]
    inner = part.get("inner") if _still_there(part, folder, known) else None
    listing = sources.read(base, only_table=part["table"], inner=inner, called=part.get("given"))
    listed = listing.table.assign(path=prefix + listing.table["path"])
    files = [listing.root / path for path in listing.table["path"]]
    frame = pd.DataFrame(
        remembered.measured(listed["path"].tolist(), files, known, progress), index=listed.index
    )
    whole = pd.concat([listed, frame], axis=1)
    failed = whole["reason"].notna() if "reason" in whole else pd.Series(False, index=whole.index)
    aside = [(prefix + path, reason) for path, reason in [*listing.set_aside, *part.get("left_out", [])]]
    described = {
        "inner": listing.root.relative_to(base).as_posix(),
        "shape": listing.shape,
        "tables": listing.tables,
        "ignored": listing.ignored + part.get("litter", 0),
        "notes": listing.notes,
    }
    return Indexed(
        table=whole[~failed].drop(columns=["reason", "passing"], errors="ignore").pipe(remembered.typed),
        set_aside=remembered.aside_table(aside, whole[failed]),
        described=described,
    )


def _still_there(part: Part, folder: Path, known: remembered.Known) -> bool:
    """Whether any image of an earlier indexing lies where it lay."""
    if known.table is None or "inner" not in part:
        return False
    prefix = part["prefix"]
    mine = known.table["path"][known.table["path"].str.startswith(prefix)].str.removeprefix(prefix)
    return any(paths.is_file(folder_of(part, folder) / path) for path in mine)


def folder_of(part: Part, folder: Path) -> Path:
    """Where a part's paths start; `folder` is the dataset's own."""
    return _base(part, folder) / part.get("inner", ".")


def file_of(all_parts: list[Part], folder: Path, path: str) -> Path:
    """The file behind a dataset's path."""
    for part in all_parts[1:]:
        if path.startswith(part["prefix"]):
            return folder_of(part, folder) / path.removeprefix(part["prefix"])
    return folder_of(all_parts[0], folder) / path


def _base(part: Part, folder: Path) -> Path:
    return folder / part["folder"]  # an absolute folder stays as it is


def _write_sample(name: str, target: Path, progress: Progress) -> None:
    from core.data import samples

    known = [sample.name for sample in samples.catalog()]
    if name not in known:
        raise DatasetError(
            f"{name!r} is no sample. Name a folder or a zip of images, or take a sample: {', '.join(known)}."
        )
    samples.write(name, target, progress)


def _left_out(what: archives.LeftOut) -> Part:
    return {"left_out": what.set_aside, "litter": what.ignored}


def _unpacked(file: Path, target: Path, progress: Progress) -> archives.LeftOut:
    if not paths.is_file(file):
        raise DatasetError(f"There is no file or folder {file}. Name a folder or a zip of images.")
    foreign = archives.foreign(file.name)
    if foreign is not None:
        raise DatasetError(f"{file.name} is {foreign}.")
    if not archives.is_archive(file.name):
        raise DatasetError(
            f"{file.name} is neither a folder, an archive (zip, tar) nor a table (CSV, TSV, JSONL, Parquet) "
            "of images."
        )
    if not os.access(file, os.R_OK):
        raise DatasetError(f"{file.name} may not be read by the user that Fieldguide runs as.")
    with open(file, "rb") as stream:
        upload = Upload(name=file.name, size=file.stat().st_size, stream=stream)
        return uploads.receive([upload], target, progress=progress)
