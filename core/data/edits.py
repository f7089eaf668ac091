"""What a person put right: an append-only log beside the dataset, never a change to their files.

Each line of `edits.jsonl` has an `id`, a `time` and an `action`:

    exclude    paths             leave images out
    include    paths             take them in again
    relabel    paths, label      give images another label
    rename     label, to         rename a class; into an existing one, that merges them
    undo       of                take back the edit with that id
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core import workspace

if TYPE_CHECKING:
    from core.data.drafts import Draft

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


def exclude(name: str, paths: Sequence[str]) -> Edit:
    """Leave images out of the dataset; raises as `Draft.exclude`."""
    return _one(name, lambda draft: draft.exclude(paths))


def include(name: str, paths: Sequence[str]) -> Edit:
    """Take images in again that were left out; raises as `Draft.include`."""
    return _one(name, lambda draft: draft.include(paths))


def relabel(name: str, paths: Sequence[str], label: str) -> Edit:
    """Give images another label; a label that is new makes a new class. Raises as `Draft.relabel`."""
    return _one(name, lambda draft: draft.relabel(paths, label))


def rename_class(name: str, label: str, to: str) -> Edit:
    """Rename a class; when `to` exists, the two are merged. Raises as `Draft.rename_class`."""
    return _one(name, lambda draft: draft.rename_class(label, to))


def keep_one(name: str, paths: Sequence[str], keep: str | None = None) -> Edit:
    """Of several copies keep one, by default the largest; raises as `Draft.keep_one`."""
    return _one(name, lambda draft: draft.keep_one(paths, keep))


def keep_one_of_each(name: str, sets: Sequence[Sequence[str]]) -> Edit:
    """Of every set of copies with one label keep the largest; raises as `Draft.keep_one_of_each`."""
    return _one(name, lambda draft: draft.keep_one_of_each(sets))


def undo(name: str, edit_id: str | None = None) -> Edit:
    """Take back an edit, by default the newest that stands; raises as `Draft.undo`."""
    return _one(name, lambda draft: draft.undo(edit_id))


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


def _one(name: str, change: Callable[["Draft"], Edit]) -> Edit:
    from core.data import drafts

    draft = drafts.Draft(name)
    edit = change(draft)
    draft.write()
    return edit
