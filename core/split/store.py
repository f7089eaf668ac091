"""Splits in the workspace: `splits/<name>.json` (configuration, figures) and `.parquet` (every image)."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core import runs, workspace
from core.data import datasets
from core.data.datasets import Dataset
from core.errors import NotFoundError, SplitError
from core.split import assign, folders, grouping, keeping
from core.split.config import SUBSETS, SplitConfig


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Every image of a dataset's version in one subset.

    table:      one row per image, sorted by path: path, label, group, sha256, subset.
    classes:    the labels, sorted; fixed for every run on this split.
    straddling: images with a detected near-duplicate in another subset: {"random": n, "this": n}, where
                random is the same division without groups.
    """

    name: str
    dataset: str
    dataset_version: int
    config: SplitConfig
    classes: list[str]
    straddling: dict[str, int]
    created: str
    table: pd.DataFrame

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
    earlier: Mapping[str, str] | None = None,
) -> Split:
    """Divide a dataset and save the division under a name; `clusters` and `earlier` as for `divide`.

    A split that no run uses may be made again under its name.

    Raises:
        SplitError: the dataset cannot be divided so, or runs use the split of that name already.
        WorkspaceError: the name is not allowed.
    """
    workspace.split_file(name, ".json")
    users = used_by(name)
    if users:
        raise SplitError(
            f"Split {name!r} is used by {len(users)} run{'s' * (len(users) != 1)} and stays as it is. "
            "Choose another name."
        )
    split = divide(name, dataset, config, clusters=clusters, earlier=earlier)
    record = {
        "name": name,
        "dataset": dataset.name,
        "dataset_version": dataset.version,
        "config": config.to_dict(),
        "classes": split.classes,
        "straddling": split.straddling,
        "created": split.created,
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
    earlier: Mapping[str, str] | None = None,
) -> Split:
    """Divide a dataset without saving anything: what a page shows before the person decides.

    `clusters` (n_images,) numbers sets of near-duplicates in the order of the dataset's table, where they
    were found with features too (`core.data.crops`); else those of the hashes stand. `earlier` maps paths
    to the subset that they had in an earlier division: they keep it, with all of their group.

    Raises:
        SplitError: the dataset cannot be divided so.
    """
    table = dataset.table if clusters is None else dataset.table.assign(cluster=clusters)
    table = table.sort_values("path", ignore_index=True)
    copies = grouping.near_duplicates(table)
    together = copies if config.group_by == grouping.DEFAULT else grouping.groups(table, config.group_by)
    subsets = _subsets(table, together, config)
    if earlier:
        subsets = keeping.keep(table["path"].tolist(), together, subsets, earlier)
    result = table[["path", "label", "sha256"]].assign(group=together, subset=subsets)
    return Split(
        name=name,
        dataset=dataset.name,
        dataset_version=dataset.version,
        config=config,
        classes=sorted(table["label"].unique().tolist()),
        straddling={
            "random": straddling(copies, _random(table, config)),
            "this": straddling(copies, subsets),
        },
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        table=result[["path", "label", "group", "sha256", "subset"]],
    )


def straddling(copies: list[str], subsets: list[str]) -> int:
    """How many images have a near-duplicate in another subset; `copies` names each image's cluster."""
    frame = pd.DataFrame({"cluster": copies, "subset": subsets})
    spread = frame.groupby("cluster")["subset"].transform("nunique")
    return int((spread > 1).sum())


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
        created=record["created"],
        table=workspace.read_table(workspace.split_file(name, ".parquet")),
    )


def names(dataset: str | None = None) -> list[str]:
    """The names of all splits, or of one dataset's, sorted."""
    parent = workspace.home() / "splits"
    if not parent.is_dir():
        return []
    found = sorted(path.stem for path in parent.glob("*.json") if not path.name.startswith("."))
    return [name for name in found if dataset is None or _record(name)["dataset"] == dataset]


def exists(name: str) -> bool:
    """Whether there is a split of that name."""
    return workspace.split_file(name, ".json").exists()


def used_by(name: str) -> list[str]:
    """The ids of the runs that were made with this split, newest first."""
    if not exists(name):
        return []
    return [run.id for run in runs.all_runs() if run.config().get("split") == name]


def delete(name: str) -> None:
    """Remove a split that no run uses.

    Raises:
        NotFoundError: there is none. SplitError: runs use it.
    """
    _record(name)
    users = used_by(name)
    if users:
        raise SplitError(
            f"Split {name!r} is used by {len(users)} runs, the newest {users[0]}. Delete those first."
        )
    forget(name)


def forget(name: str) -> None:
    """Remove a split whatever uses it: for a dataset that goes altogether. Runs keep their own manifest."""
    workspace.split_file(name, ".json").unlink(missing_ok=True)
    workspace.split_file(name, ".parquet").unlink(missing_ok=True)


def point_to(name: str, dataset: str) -> None:
    """Follow a dataset to its new name."""
    workspace.write_json(workspace.split_file(name, ".json"), _record(name) | {"dataset": dataset})


def current(split: Split) -> bool:
    """Whether the dataset is still as it was when it was divided."""
    return datasets.exists(split.dataset) and datasets.version(split.dataset) == split.dataset_version


def _subsets(table: pd.DataFrame, together: list[str], config: SplitConfig) -> list[str]:
    paths, labels = table["path"].tolist(), table["label"].tolist()
    if config.from_folders:
        return folders.assign(paths, labels, together, table["subset"].tolist(), config)
    return assign.assign(paths, labels, together, config.shares, config.seed)


def _random(table: pd.DataFrame, config: SplitConfig) -> list[str]:
    """The division that ignores groups, for comparison."""
    paths, labels = table["path"].tolist(), table["label"].tolist()
    return assign.assign(paths, labels, paths, config.shares, config.seed)


def _record(name: str) -> dict[str, Any]:
    try:
        return workspace.read_json(workspace.split_file(name, ".json"))
    except NotFoundError:
        known = ", ".join(path.stem for path in sorted((workspace.home() / "splits").glob("*.json")))
        raise NotFoundError(f"There is no split {name!r}. There are: {known or 'none yet'}.") from None
