"""Datasets: tables of labelled images, and where the images lie.

    datasets/<name>/dataset.json       id, name, version, parts: the folders that the images come from
                    table.parquet      one row per readable image, before edits
                    set_aside.parquet  path, reason (and size and time, so that nothing is read twice)
                    edits.jsonl        what the person put right (core.data.edits)
                    images/ thumbs/    uploaded files; small pictures for the pages

A dataset may have several parts: the first one's files are named by their path in its folder, those of
later parts carry a prefix.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core import paths, workspace
from core.data import archives, building, edits, identity, moving, parts
from core.data.uploads import Upload
from core.errors import DatasetError, NotFoundError
from core.progress import Progress, silent

Source = Path | Sequence[Upload]


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Labelled images after the person's edits.

    table:     one row per usable image, sorted by path. Columns: path (unique, posix, relative to `root`),
               label, group, subset (train, validation, test or None), any `column:NAME` of the source's
               tables, and what `core.data.measure` found (width, height, sha256, dhash, tile, ...).
    set_aside: path, reason: files that could not be taken.
    excluded:  path, label: images that the person left out.
    version:   grows with every change of images or edits.
    """

    name: str
    root: Path
    version: int
    source: dict[str, Any]
    table: pd.DataFrame
    set_aside: pd.DataFrame
    excluded: pd.DataFrame

    @property
    def classes(self) -> list[str]:
        """The labels, sorted; a class's index is its place here."""
        return sorted(self.counts)

    @property
    def counts(self) -> dict[str, int]:
        """Images per class, in the order of `classes`."""
        return {str(label): int(n) for label, n in self.table["label"].value_counts().sort_index().items()}

    @property
    def ignored(self) -> int:
        """How many hidden files, system files and documents were passed over."""
        return sum(part.get("ignored", 0) for part in self.source["parts"])

    @property
    def notes(self) -> list[str]:
        """What is to be known of how the labels were found, in sentences."""
        return [note for part in self.source["parts"] for note in part.get("notes", [])]

    @property
    def folder(self) -> Path:
        """Where the workspace keeps this dataset."""
        return workspace.dataset_folder(self.name)

    @property
    def id(self) -> str:
        """What stays when the dataset is renamed."""
        return str(self.source["id"])

    def file(self, path: str) -> Path:
        """The image file behind `path`, absolute."""
        return parts.file_of(self.source["parts"], self.folder, path)

    @property
    def places(self) -> list[moving.Place]:
        """Where each part of the images lies, and whether it is there."""
        return moving.places(self.source["parts"], self.folder)

    def files(self, paths: Sequence[str]) -> list[Path]:
        """The image files behind several paths, absolute."""
        folder = self.folder  # asked for once: it looks at the file system
        return [parts.file_of(self.source["parts"], folder, path) for path in paths]


def add(name: str, source: Source | None = None, *, progress: Progress | None = None) -> Dataset:
    """Take in images under a new name, and measure every one of them.

    `source` is a folder, an archive (zip, tar) or a table on this machine, uploaded files, or None: then
    `name` is one of the samples that Fieldguide ships. The dataset appears when all of it is done, or not
    at all.

    Raises:
        DatasetError: the name is taken, or nothing usable was found.
        ArchiveError: an archive cannot be unpacked.
        WorkspaceError: the name is not allowed, or the disk is full.
    """
    place = workspace.dataset_folder(name)
    with building.locked(name):
        if place.exists():
            raise DatasetError(
                f"There is already a dataset {name!r}. Choose another name, or add to that one."
            )
        with building.under_construction() as folder:
            part = parts.bring(name, source, folder, prefix="", progress=progress or silent)
            meta = {
                "id": identity.fresh(),
                "name": name,
                "version": 0,
                "created": building.now(),
                "parts": [part],
            }
            building.index(meta, folder, progress or silent)
            folder.rename(place)
    return load(name)


def extend(
    name: str, source: Source, *, called: str | None = None, progress: Progress | None = None
) -> Dataset:
    """Add images to a dataset: a new version. Runs and splits made before keep what they had.

    `called` is what a person would call the source, where it is not its file's name.

    Raises:
        NotFoundError: there is no such dataset. Otherwise as `add`.
    """
    with building.locked(name):
        meta, place = record(name), workspace.dataset_folder(name)
        prefix = f"added-{len(meta['parts']) + 1}/"
        part = parts.bring(name, source, place, prefix=prefix, progress=progress or silent)
        part |= {"added": building.now()} | ({"given": called} if called else {})
        try:
            building.index(meta | {"parts": [*meta["parts"], part]}, place, progress or silent)
        except BaseException:
            parts.discard(part, place)
            raise
    return load(name)


def refresh(name: str, *, progress: Progress | None = None) -> Dataset:
    """Look at the source again; only files that are new or changed (size, time) are read.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: its folder has gone (see `relink`), or holds no labelled images any more.
    """
    with building.locked(name):
        building.index(record(name), workspace.dataset_folder(name), progress or silent)
    return load(name)


def relink(name: str, folder: Path, *, progress: Progress | None = None) -> Dataset:
    """Say where a moved source folder lies now, and look at it again.

    Of several parts it is the missing one whose images lie in `folder`. While others are still missing,
    nothing is read anew.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: nothing was linked, or the new folder holds none of the images.
    """
    with building.locked(name):
        moving.relink(name, record(name), folder, progress or silent)
    return load(name)


def load(name: str) -> Dataset:
    """The dataset of that name, as last indexed, with its edits applied.

    Raises:
        NotFoundError: there is none.
    """
    meta, folder = record(name), workspace.dataset_folder(name)
    indexed = building.indexed(folder)
    log = edits.log(folder)
    table = edits.applied(indexed, log)
    left_out = indexed.loc[~indexed["path"].isin(table["path"]), ["path", "label"]].reset_index(drop=True)
    return Dataset(
        name=name,
        root=parts.folder_of(meta["parts"][0], folder),
        version=meta["version"] + len(log),
        source={key: meta[key] for key in ("id", "created", "parts")},
        table=table,
        set_aside=workspace.read_table(folder / "set_aside.parquet")[["path", "reason"]],
        excluded=left_out,
    )


def version(name: str) -> int:
    """The dataset's version, without reading its table: what a cache may be keyed by.

    Raises:
        NotFoundError: there is no such dataset.
    """
    return int(record(name)["version"]) + len(edits.log(workspace.dataset_folder(name)))


def still(name: str, at_version: int, content: str) -> bool:
    """Whether a dataset's images and labels are as they were at a version.

    `content` is the `identity.fingerprint` of then ("" where none was noted): by it, edits that were taken
    back since change nothing.
    """
    if not exists(name):
        return False
    if version(name) == at_version:
        return True
    return bool(content) and identity.fingerprint(load(name).table) == content


def exists(name: str) -> bool:
    """Whether there is a dataset of that name."""
    return (workspace.dataset_folder(name) / "dataset.json").exists()


def names() -> list[str]:
    """The names of all datasets, sorted."""
    parent = workspace.home() / "datasets"
    if not parent.is_dir():
        return []
    return sorted(path.parent.name for path in parent.glob("*/dataset.json") if path.parent.name[0] != ".")


def source_name(path: Path) -> str:
    """A dataset name that suits a folder or file: what a page proposes."""
    plain = archives.without_ending(path.name) if archives.is_archive(path.name) else path.stem
    stem = re.sub(r"[^\w.\- ]+", "-", path.name if paths.is_dir(path) else plain)
    return stem.strip(" .-_")[:64].strip(" .-_") or "images"


def record(name: str) -> dict[str, Any]:
    """What `dataset.json` holds.

    Raises:
        NotFoundError: there is no such dataset.
    """
    try:
        return identity.completed(workspace.read_json(workspace.dataset_folder(name) / "dataset.json"))
    except NotFoundError:
        known = ", ".join(names()) or "none yet"
        raise NotFoundError(f"There is no dataset {name!r}. There are: {known}.") from None
