"""What is wrong with a dataset: one report, from what indexing measured. No file is opened again.

The report is kept beside the dataset and computed again only when the dataset's version has changed.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core import workspace
from core.data import extremes, shortcuts
from core.data.datasets import Dataset
from core.errors import DatasetError, WorkspaceError

_FORM = 1  # of the kept report; a report of another form is computed again


@dataclass(frozen=True, kw_only=True)
class Report:
    """Findings, each list sorted with the most telling first.

    unreadable:          {"path", "reason"} of every file that was set aside.
    exact_duplicates:    sets of paths with the same bytes.
    near_duplicates:     sets of paths of which at least two differ in bytes but show the same picture.
    label_conflicts:     those sets of either kind that bear more than one label.
    extremes:            {"path", "feature", "value", "reason"}.
    shortcuts:           {"class", "feature", "balanced_accuracy", "chance", "kind", "values"}.
    largest_class_share: how often a model would be right that always says `largest_class`.
    """

    unreadable: list[dict[str, str]]
    exact_duplicates: list[list[str]]
    near_duplicates: list[list[str]]
    label_conflicts: list[list[str]]
    extremes: list[dict[str, Any]]
    shortcuts: list[dict[str, Any]]
    largest_class: str
    largest_class_share: float

    def to_dict(self) -> dict[str, Any]:
        """What JSON keeps of it."""
        return dataclasses.asdict(self)


def check(dataset: Dataset, *, clusters: np.ndarray | None = None, basis: str = "hashes") -> Report:
    """The report on a dataset as it is after edits; kept, so that asking again costs nothing.

    `clusters` (n_images,) numbers sets of near-duplicates in the order of the table, where something better
    than the hashes is at hand (`core.data.crops`); `basis` then says what they were found with.

    Raises:
        DatasetError: no image is left in it.
    """
    kept = dataset.folder / "check.json"
    key = {"form": _FORM, "version": dataset.version, "basis": basis}
    try:
        known = workspace.read_json(kept)
        if known["key"] == key:
            return Report(**known["report"])
    except (WorkspaceError, KeyError, TypeError):
        pass  # none yet, or of another form
    if dataset.table.empty:
        raise DatasetError(
            f"No usable image is left in {dataset.name!r}: {len(dataset.excluded):,} were left out by edits, "
            f"{len(dataset.set_aside):,} files were set aside. Undo an edit, or bring more images."
        )
    numbers = dataset.table["cluster"].to_numpy() if clusters is None else clusters
    report = examine(dataset.table, dataset.set_aside, numbers)
    workspace.write_json(kept, {"key": key, "report": report.to_dict()})
    return report


def examine(table: pd.DataFrame, set_aside: pd.DataFrame, clusters: np.ndarray) -> Report:
    """The report on a dataset's table, computed."""
    exact = _sets(table, table["sha256"])
    near = [members for members in _sets(table, clusters) if not _all_equal(table, members)]
    shares = table["label"].value_counts(normalize=True)
    largest = str(shares.sort_index().idxmax())
    return Report(
        unreadable=[{"path": path, "reason": reason} for path, reason in _rows(set_aside)],
        exact_duplicates=_paths(table, exact),
        near_duplicates=_paths(table, near),
        label_conflicts=_paths(
            table, [members for members in _either(exact, near) if _conflict(table, members)]
        ),
        extremes=extremes.find(table),
        shortcuts=shortcuts.find(table),
        largest_class=largest,
        largest_class_share=float(shares[largest]),
    )


def _rows(set_aside: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return set_aside[["path", "reason"]].itertuples(index=False, name=None)


def _sets(table: pd.DataFrame, keys: Any) -> list[np.ndarray]:
    """Positions of rows that share a key with another row, largest set first."""
    codes = pd.factorize(np.asarray(keys))[0]
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sets = [members for members in np.split(order, starts[1:]) if len(members) > 1]
    return sorted(sets, key=lambda members: (-len(members), int(members[0])))


def _all_equal(table: pd.DataFrame, members: np.ndarray) -> bool:
    return table["sha256"].iloc[members].nunique() == 1


def _conflict(table: pd.DataFrame, members: np.ndarray) -> bool:
    return table["label"].iloc[members].nunique() > 1


def _either(exact: list[np.ndarray], near: list[np.ndarray]) -> list[np.ndarray]:
    """Near sets contain the exact sets that they touch; those are not named twice."""
    inside = {int(row) for members in near for row in members}
    return near + [members for members in exact if int(members[0]) not in inside]


def _paths(table: pd.DataFrame, sets: list[np.ndarray]) -> list[list[str]]:
    paths = table["path"].to_numpy()
    return [paths[members].tolist() for members in sets]
