"""A dataset's table divided: which image is in which subset, and what a person should know of that."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from core.split import assign, coverage, folders, grouping, keeping, listed
from core.split.config import SUBSETS, SplitConfig


@dataclass(frozen=True, kw_only=True, eq=False)
class Division:
    """A dataset's images among the subsets.

    table:      one row per image, sorted by path: path, label, group, sha256, subset.
    straddling: images with a detected near-duplicate in another subset: {"random": n, "this": n}, where
                random is a division of the same sizes without groups.
    notes:      sentences on what a person should know: classes or images that are missing somewhere.
    """

    table: pd.DataFrame
    straddling: dict[str, int]
    notes: list[str]


def divide(
    table: pd.DataFrame,
    config: SplitConfig,
    named: pd.DataFrame | None = None,
    earlier: Mapping[str, str] | None = None,
) -> Division:
    """Divide a dataset's table (path, label, group, subset, sha256, cluster, ...) as `config` says.

    `named` is the table that `config.from_table` means, as `listed.read` gives it. `earlier` maps
    paths to the subset that they keep, with all of their group.

    Raises:
        SplitError: it cannot be divided so.
    """
    table, notes = table.sort_values("path", ignore_index=True), []
    group_by = config.group_by
    if config.from_table is not None and named is not None:
        taken = listed.take(table, named, config.from_table)
        table, notes = taken.table, taken.notes
        group_by = "column:group" if "group" in table else grouping.DEFAULT
    copies = grouping.near_duplicates(table)
    together = copies if group_by == grouping.DEFAULT else grouping.groups(table, group_by)
    paths, labels = table["path"].tolist(), table["label"].tolist()
    if config.is_taken:
        subsets = folders.assign(paths, labels, together, table["subset"].tolist(), config)
        notes = [*notes, *coverage.check(labels, subsets)]
        shares = {subset: subsets.count(subset) / len(subsets) for subset in SUBSETS}
    else:
        shares = config.shares
        subsets = assign.assign(paths, labels, together, shares, config.seed)
    if earlier:
        subsets = keeping.keep(paths, together, subsets, earlier)
    random = assign.assign(paths, labels, paths, shares, config.seed)
    result = table[["path", "label", "sha256"]].assign(group=together, subset=subsets)
    return Division(
        table=result[["path", "label", "group", "sha256", "subset"]],
        straddling={"random": straddling(copies, random), "this": straddling(copies, subsets)},
        notes=notes,
    )


def straddling(copies: list[str], subsets: list[str]) -> int:
    """How many images have a near-duplicate in another subset; `copies` names each image's cluster."""
    frame = pd.DataFrame({"cluster": copies, "subset": subsets})
    spread = frame.groupby("cluster")["subset"].transform("nunique")
    return int((spread > 1).sum())
