"""Splits in the workspace: `splits/<name>.json` (configuration, figures) and `.parquet` (every image)."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core import runs, workspace
from core.data import datasets, identity
from core.data.datasets import Dataset
from core.errors import NotFoundError, SplitError, WorkspaceError
from core.split import dividing
from core.split.config import SUBSETS, SplitConfig


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Every image of a dataset's version in one subset, or those that a table named.

    table:      one row per image, sorted by path: path, label, group, sha256, subset.
    classes:    the labels, sorted; fixed for every run on this split.
    straddling: images with a detected near-duplicate in another subset: {"random": n, "this": n}, where
                random is a division of the same sizes without groups.
    notes:      sentences on what a person should know: images or classes that are missing somewhere.
    created:    ISO 8601, UTC; tells this split from an earlier one of the same name.
    content:    fingerprint of the dataset's images and labels when it was divided; "" in older splits.
    """

    name: str
    dataset: str
    dataset_version: int
    config: SplitConfig
    classes: list[str]
    straddling: dict[str, int]
    notes: list[str]
    created: str
    table: pd.DataFrame
    content: str = ""

    def counts(self) -> dict[str, dict[str, int]]:
        """Images per subset and class; every class is listed, with 0 where there is none."""
        both = self.table.groupby(["subset", "label"]).size()
        return {
            subset: {label: int(both.get((subset, label), 0)) for label in self.classes} for subset in SUBSETS
        }

    def groups(self) -> dict[str, int]:
        """How many groups hold more than one image, how many images they hold, and the largest."""
        sizes = self.table["group"].value_counts()
        several = sizes[sizes > 1]
        return {"groups": len(several), "images": int(several.sum()), "largest": int(sizes.max())}


def make(
    name: str,
    dataset: Dataset,
    config: SplitConfig,
    *,
    clusters: np.ndarray | None = None,
    named: pd.DataFrame | None = None,
    earlier: Mapping[str, str] | None = None,
) -> Split:
    """Divide a dataset and save the division under a name; what else is given is as for `divide`.

    A split of this dataset that no run uses may be made again under its name.

    Raises:
        SplitError: the dataset cannot be divided so, or the name belongs to a split that has to stay.
        WorkspaceError: the name is not allowed.
    """
    workspace.split_file(name, ".json")
    _check_free(name, dataset)
    split = divide(name, dataset, config, clusters=clusters, named=named, earlier=earlier)
    record = {
        "name": name,
        "dataset": dataset.name,
        "dataset_id": dataset.id,
        "dataset_version": dataset.version,
        "config": config.to_dict(),
        "classes": split.classes,
        "straddling": split.straddling,
        "notes": split.notes,
        "created": split.created,
        "content": split.content,
    }
    workspace.write_table(workspace.split_file(name, ".parquet"), split.table)
    workspace.write_json(workspace.split_file(name, ".json"), record)
    return split


def divide(
    name: str,
    dataset: Dataset,
    config: SplitConfig,
    *,
    clusters: np.ndarray | None = None,
    named: pd.DataFrame | None = None,
    earlier: Mapping[str, str] | None = None,
) -> Split:
    """Divide a dataset without saving anything: what a page shows before the person decides.

    `clusters` (n_images,) numbers sets of near-duplicates in the order of the dataset's table, where they
    were found with features too (`core.data.crops`); else those of the hashes stand. `named` is what
    `listed.read` made of the file that `config.from_table` names. `earlier` maps paths to the subset that
    they had in an earlier division: they keep it, with all of their group.

    Raises:
        SplitError: the dataset cannot be divided so.
    """
    table = dataset.table if clusters is None else dataset.table.assign(cluster=clusters)
    found = dividing.divide(table, config, named, earlier)
    return Split(
        name=name,
        dataset=dataset.name,
        dataset_version=dataset.version,
        config=config,
        classes=sorted(found.table["label"].unique().tolist()),
        straddling=found.straddling,
        notes=found.notes,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds"),
        table=found.table,
        content=identity.fingerprint(dataset.table),
    )


def load(name: str) -> Split:
    """The saved split of that name.

    Raises:
        NotFoundError: there is none.
    """
    record = _record(name)
    return Split(
        name=name,
        dataset=record["dataset"],
        dataset_version=record["dataset_version"],
        config=SplitConfig.from_dict(record["config"]),
        classes=record["classes"],
        straddling=record["straddling"],
        notes=record.get("notes", []),
        created=record["created"],
        table=workspace.read_table(workspace.split_file(name, ".parquet")),
        content=record.get("content", ""),
    )


def names(dataset: str | None = None) -> list[str]:
    """The names of all splits, or of one dataset's, sorted."""
    parent = workspace.home() / "splits"
    if not parent.is_dir():
        return []
    found = sorted(path.stem for path in parent.glob("*.json") if not path.name.startswith("."))
    if dataset is None:
        return found
    try:
        owner = identity.of(dataset)
    except WorkspaceError:  # deleted or damaged: no split of it is of use
        return []
    return [name for name in found if owner.owns(_record(name))]


def exists(name: str) -> bool:
    """Whether there is a split of that name."""
    return workspace.split_file(name, ".json").exists()


def used_by(name: str) -> list[str]:
    """The ids of the runs made with this split, newest first; not with an earlier one of its name."""
    if not exists(name):
        return []
    record = _record(name)
    owner = identity.find(record)
    return [run.id for run in runs.all_runs() if _uses(run.config(), record, owner)]


def delete(name: str) -> None:
    """Remove a split that no run uses.

    Raises:
        NotFoundError: there is none. SplitError: runs use it.
    """
    check_unused(name)
    forget(name)


def check_unused(name: str) -> None:
    """Raise what `delete` would raise."""
    _record(name)
    users = used_by(name)
    if users:
        raise SplitError(
            f"Split {name!r} is used by {len(users)} run{'s' * (len(users) != 1)}, the newest {users[0]}. "
            "Delete those first."
        )


def forget(name: str) -> None:
    """Remove a split whatever uses it: for a dataset that goes altogether. Runs keep their own manifest."""
    workspace.split_file(name, ".json").unlink(missing_ok=True)
    workspace.split_file(name, ".parquet").unlink(missing_ok=True)


def point_to(name: str, dataset: str) -> None:
    """Follow a dataset to its new name."""
    workspace.write_json(workspace.split_file(name, ".json"), _record(name) | {"dataset": dataset})


def current(split: Split) -> bool:
    """Whether the dataset's images and labels are still as they were when it was divided.

    Edits that were taken back since change nothing.
    """
    return datasets.still(split.dataset, split.dataset_version, split.content)


def _uses(config: dict[str, Any], record: dict[str, Any], owner: identity.Identity | None) -> bool:
    """Whether a run of that configuration was made with the split of that record."""
    if config.get("split") != record["name"]:
        return False
    if "split_created" in config:
        return bool(config["split_created"] == record["created"])
    # An older run: of the same dataset, and not made before the split.
    return owner is not None and owner.owns(config) and record["created"] <= config.get("created", "")


def _check_free(name: str, dataset: Dataset) -> None:
    """Refuse a name whose split is another dataset's, or used."""
    if not exists(name):
        return
    owner = identity.find(_record(name))
    if owner is not None and owner.id != dataset.id:
        raise SplitError(
            f"There is already a split {name!r}, of dataset {owner.name!r}. Choose another name."
        )
    users = used_by(name)
    if users:
        raise SplitError(
            f"Split {name!r} is used by {len(users)} run{'s' * (len(users) != 1)} and stays as it is. "
            "Choose another name."
        )


def _record(name: str) -> dict[str, Any]:
    try:
        return workspace.read_json(workspace.split_file(name, ".json"))
    except NotFoundError:
        known = ", ".join(path.stem for path in sorted((workspace.home() / "splits").glob("*.json")))
        raise NotFoundError(f"There is no split {name!r}. There are: {known or 'none yet'}.") from None
