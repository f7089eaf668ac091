"""What a person put right: an append-only log beside the dataset, never a change to their files.

Each line of `edits.jsonl` has an `id`, a `time` and an `action`:

    exclude    paths             leave images out
    include    paths             take them in again
    relabel    paths, label      give images another label
    rename     label, to         rename a class; into an existing one, that merges them
    undo       of                take back the edit with that id
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core import workspace

Edit = dict[str, Any]
FILE = "edits.jsonl"


def log(folder: Path) -> list[Edit]:
    """Every line of a dataset folder's log, oldest first, undo lines included."""
    return workspace.read_lines(folder / FILE)


def standing(lines: list[Edit]) -> list[Edit]:
    """The edits that were not taken back, oldest first."""
    undone = {line["of"] for line in lines if line["action"] == "undo"}
    return [line for line in lines if line["action"] != "undo" and line["id"] not in undone]


def applied(table: pd.DataFrame, lines: list[Edit]) -> pd.DataFrame:
    """The table after the standing edits, in their order; rows that are gone from it are passed over."""
    edits = standing(lines)
    if not edits:
        return table
    labels = table.set_index("path")["label"].copy()
    excluded: set[str] = set()
    for edit in edits:
        if edit["action"] == "exclude":
            excluded.update(edit["paths"])
        elif edit["action"] == "include":
            excluded.difference_update(edit["paths"])
        elif edit["action"] == "relabel":
            labels.loc[labels.index.intersection(edit["paths"])] = edit["label"]
        elif edit["action"] == "rename":
            labels[labels == edit["label"]] = edit["to"]
    changed = table.assign(label=labels.to_numpy())
    return changed[~changed["path"].isin(excluded)].reset_index(drop=True)


def by_agreement(
    table: pd.DataFrame, sets: Iterable[Sequence[str]]
) -> tuple[list[Sequence[str]], list[Sequence[str]]]:
    """Sets of copies whose images all bear one label, and those that bear several."""
    labels = dict(zip(table["path"], table["label"], strict=True))
    agreeing: list[Sequence[str]] = []
    torn: list[Sequence[str]] = []
    for paths in sets:
        (agreeing if len({labels[path] for path in paths}) == 1 else torn).append(paths)
    return agreeing, torn


def table(name: str) -> pd.DataFrame:
    """The effect of the standing edits, one row per image touched: path, before, after (None: excluded)."""
    folder = workspace.dataset_folder(name)
    before = workspace.read_table(folder / "table.parquet").set_index("path")["label"]
    after = applied(before.reset_index(), log(folder)).set_index("path")["label"].reindex(before.index)
    after = after.astype(object).where(after.notna(), None)
    both = pd.DataFrame({"before": before, "after": after}).reset_index()
    return both[both["before"] != both["after"]].reset_index(drop=True)


def in_words(edit: Edit) -> str:
    """One line on an edit, for a list."""
    if edit["action"] == "rename":
        return f"class {edit['label']} renamed to {edit['to']}"
    images = f"{len(edit['paths'])} images" if len(edit["paths"]) != 1 else edit["paths"][0]
    said = {"exclude": "excluded", "include": "taken in again"}
    return f"{images} {said.get(edit['action']) or 'relabelled ' + edit['label']}"
