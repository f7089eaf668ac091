"""What a person put right: an append-only log beside the dataset, never a change to their files.

Each line of `edits.jsonl` has an `id`, a `time` and an `action`:

    exclude    paths             leave images out
    relabel    paths, label      give images another label
    rename     label, to         rename a class; into an existing one, that merges them
    undo       of                take back the edit with that id
"""

import datetime
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core import workspace
from core.data import scan
from core.errors import DatasetError

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
        elif edit["action"] == "relabel":
            labels.loc[labels.index.intersection(edit["paths"])] = edit["label"]
        elif edit["action"] == "rename":
            labels[labels == edit["label"]] = edit["to"]
    changed = table.assign(label=labels.to_numpy())
    return changed[~changed["path"].isin(excluded)].reset_index(drop=True)


def write(folder: Path, action: str, **content: Any) -> Edit:
    """Append one edit to a dataset folder's log."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    edit = {"id": secrets.token_hex(6), "time": now, "action": action, **content}
    workspace.append_line(folder / FILE, edit)
    return edit


def exclude(name: str, paths: Sequence[str]) -> Edit:
    """Leave images out of the dataset.

    Raises:
        DatasetError: a path is not in the dataset, or nothing would be left.
    """
    dataset = _known(name, paths)
    if len(set(paths)) >= len(dataset.table):
        raise DatasetError("That would leave out every image. Keep at least one, or delete the dataset.")
    return write(dataset.folder, "exclude", paths=list(paths))


def relabel(name: str, paths: Sequence[str], label: str) -> Edit:
    """Give images another label; a label that is new makes a new class.

    Raises:
        DatasetError: a path is not in the dataset, or the label is empty.
    """
    dataset = _known(name, paths)
    return write(dataset.folder, "relabel", paths=list(paths), label=checked_label(label))


def rename_class(name: str, label: str, to: str) -> Edit:
    """Rename a class; when `to` exists, the two are merged.

    Raises:
        DatasetError: there is no such class, or the new name is empty or the same.
    """
    from core.data import datasets

    dataset = datasets.load(name)
    if label not in dataset.counts:
        raise DatasetError(f"{name!r} has no class {label!r}. Its classes: {', '.join(dataset.classes)}.")
    if checked_label(to) == label:
        raise DatasetError(f"Class {label!r} already has that name.")
    return write(dataset.folder, "rename", label=label, to=checked_label(to))


def keep_one(name: str, paths: Sequence[str], keep: str | None = None) -> Edit:
    """Of several copies keep one, by default the largest (most pixels, then bytes), and exclude the rest.

    Raises:
        DatasetError: fewer than two paths, a path that is not in the dataset, or `keep` is not among them.
    """
    if keep is None:
        return keep_one_of_each(name, [paths])
    if len(set(paths)) < 2 or keep not in paths:
        raise DatasetError("Name at least two copies, and keep one of them.")
    return exclude(name, sorted(set(paths) - {keep}))


def keep_one_of_each(name: str, sets: Sequence[Sequence[str]]) -> Edit:
    """Of every set of copies keep the largest (most pixels, then most bytes); one edit, so one undo.

    Raises:
        DatasetError: a set has fewer than two paths, or a path is not in the dataset.
    """
    dataset = _known(name, [path for paths in sets for path in paths])
    if not sets or any(len(set(paths)) < 2 for paths in sets):
        raise DatasetError("Name at least two copies, and keep one of them.")
    table = dataset.table.assign(pixels=dataset.table["width"] * dataset.table["height"])
    ranked = table.sort_values(["pixels", "bytes", "path"], ascending=[False, False, True])["path"]
    rank = {path: number for number, path in enumerate(ranked)}
    rest = [path for paths in sets for path in sorted(set(paths), key=rank.__getitem__)[1:]]
    return exclude(name, sorted(set(rest)))


def undo(name: str, edit_id: str | None = None) -> Edit:
    """Take back an edit, by default the newest that stands.

    Raises:
        DatasetError: there is nothing to take back.
    """
    from core.data import datasets

    folder = datasets.load(name).folder
    stand = standing(log(folder))
    found = [edit for edit in stand if edit_id in (None, edit["id"])]
    if not found:
        raise DatasetError(f"There is no edit of {name!r} to take back.")
    return write(folder, "undo", of=found[-1]["id"])


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
    return f"{images} excluded" if edit["action"] == "exclude" else f"{images} relabelled {edit['label']}"


def checked_label(label: str) -> str:
    """The label as it is kept: in one spelling, without blanks around it.

    Raises:
        DatasetError: it is empty, too long, or holds what cannot be printed.
    """
    clean = scan.text(label)
    if not clean or len(clean) > 200 or any(ord(letter) < 32 for letter in clean):
        raise DatasetError(f"{label!r} cannot be a label: use 1 to 200 printable characters.")
    return clean


def _known(name: str, paths: Sequence[str]) -> Any:
    from core.data import datasets

    dataset = datasets.load(name)
    unknown = sorted(set(paths) - set(dataset.table["path"]))
    if unknown or not paths:
        what = f"{unknown[0]!r} is not" if unknown else "No image was named that is"
        raise DatasetError(f"{what} in dataset {name!r}. Name images by their paths, as `dataset show` does.")
    return dataset
