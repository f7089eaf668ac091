"""Making edits: each is checked against what those before it leave; those of a draft are all made or none.

The functions below the class make one edit each.
"""

import datetime
import secrets
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core import workspace
from core.data import building, datasets, edits, scan
from core.data.edits import Edit
from core.errors import DatasetError


class Draft:
    """Edits of one dataset that are not written yet. A method that raises has changed nothing.

    Raises:
        NotFoundError: there is no such dataset.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder: Path = datasets.load(name).folder
        self.raw = building.indexed(self.folder)
        self.lines = edits.log(self.folder)
        self.fresh: list[Edit] = []

    @property
    def table(self) -> pd.DataFrame:
        """The dataset's table as the draft leaves it."""
        return edits.applied(self.raw, [*self.lines, *self.fresh])

    def exclude(self, paths: Sequence[str]) -> Edit:
        """Leave images out.

        Raises:
            DatasetError: a path is not in the dataset, or nothing would be left.
        """
        table = self._known(paths)
        if len(set(paths)) >= len(table):
            raise DatasetError("That would leave out every image. Keep at least one, or delete the dataset.")
        return self._add("exclude", paths=list(paths))

    def include(self, paths: Sequence[str]) -> Edit:
        """Take images in again that were left out, whenever that was.

        Raises:
            DatasetError: a path is not one of an image that was left out.
        """
        left_out = set(self.raw["path"]) - set(self.table["path"])
        wrong = [path for path in paths if path not in left_out]
        if wrong or not paths:
            what = f"{wrong[0]!r} is no image" if wrong else "No image was named"
            raise DatasetError(f"{what} that was left out of {self.name!r}.")
        return self._add("include", paths=list(paths))

    def relabel(self, paths: Sequence[str], label: str) -> Edit:
        """Give images another label; a label that is new makes a new class.

        Raises:
            DatasetError: a path is not in the dataset, or the label is empty.
        """
        self._known(paths)
        return self._add("relabel", paths=list(paths), label=checked_label(label))

    def rename_class(self, label: str, to: str) -> Edit:
        """Rename a class; when `to` exists, the two are merged.

        Raises:
            DatasetError: there is no such class, or the new name is empty or the same.
        """
        classes = sorted(set(self.table["label"]))
        if label not in classes:
            raise DatasetError(f"{self.name!r} has no class {label!r}. Its classes: {', '.join(classes)}.")
        if checked_label(to) == label:
            raise DatasetError(f"Class {label!r} already has that name.")
        return self._add("rename", label=label, to=checked_label(to))

    def keep_one(self, paths: Sequence[str], keep: str | None = None) -> Edit:
        """Of several copies keep one, by default the largest (most pixels, then bytes), and exclude the rest.

        Raises:
            DatasetError: fewer than two paths, a path that is not in the dataset, `keep` is not among them,
                or the copies bear several labels and nobody said which one to keep.
        """
        if keep is not None and (len(set(paths)) < 2 or keep not in paths):
            raise DatasetError("Name at least two copies, and keep one of them.")
        if keep is not None:
            self._known(paths)
            return self.exclude(sorted(set(paths) - {keep}))
        return self.keep_one_of_each([paths])

    def keep_one_of_each(self, sets: Sequence[Sequence[str]]) -> Edit:
        """Of every set of copies keep the largest (most pixels, then most bytes); one edit, so one undo.

        Sets that bear several labels are left as they are: which label is right, only a person can say.

        Raises:
            DatasetError: a set has fewer than two paths, a path is not in the dataset, or every set bears
                several labels.
        """
        table = self._known([path for paths in sets for path in paths])
        if not sets or any(len(set(paths)) < 2 for paths in sets):
            raise DatasetError("Name at least two copies, and keep one of them.")
        agreeing, torn = edits.by_agreement(table, sets)
        if not agreeing:
            labels = sorted(set(table["label"][table["path"].isin(torn[0])]))
            raise DatasetError(
                f"Copies that bear several labels ({', '.join(labels)}) are not settled by size. Say which "
                "one to keep, or give them all the right label first."
            )
        table = table.assign(pixels=table["width"] * table["height"])
        ranked = table.sort_values(["pixels", "bytes", "path"], ascending=[False, False, True])["path"]
        rank = {path: number for number, path in enumerate(ranked)}
        rest = [path for paths in agreeing for path in sorted(set(paths), key=rank.__getitem__)[1:]]
        return self.exclude(sorted(set(rest)))

    def undo(self, edit_id: str | None = None) -> Edit:
        """Take back an edit, by default the newest that stands.

        Raises:
            DatasetError: there is nothing to take back.
        """
        stand = edits.standing([*self.lines, *self.fresh])
        found = [edit for edit in stand if edit_id in (None, edit["id"])]
        if not found:
            raise DatasetError(f"There is no edit of {self.name!r} to take back.")
        return self._add("undo", of=found[-1]["id"])

    def write(self) -> None:
        """Append the edits to the dataset's log."""
        if self.fresh:
            workspace.append_lines(self.folder / edits.FILE, self.fresh)
        self.lines, self.fresh = [*self.lines, *self.fresh], []

    def _add(self, action: str, **content: Any) -> Edit:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        edit = {"id": secrets.token_hex(6), "time": now, "action": action, **content}
        self.fresh.append(edit)
        return edit

    def _known(self, paths: Iterable[str]) -> pd.DataFrame:
        """The table, if it has all these paths."""
        table, named = self.table, set(paths)
        unknown = sorted(named - set(table["path"]))
        left_out = sorted(set(unknown) & set(self.raw["path"]))
        if left_out:
            raise DatasetError(
                f"{left_out[0]!r} was left out of dataset {self.name!r}. Take it in again first: undo that "
                f"under Corrections on the page, or `dataset edit {self.name} --include {left_out[0]}`."
            )
        if unknown or not named:
            what = f"{unknown[0]!r} is not" if unknown else "No image was named that is"
            raise DatasetError(
                f"{what} in dataset {self.name!r}. Name images by their paths, as "
                f"`dataset show {self.name} --paths` lists them."
            )
        return table


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


def checked_label(label: str) -> str:
    """The label as it is kept: in one spelling, without blanks around it.

    Raises:
        DatasetError: it is empty, too long, or holds what cannot be printed.
    """
    clean = scan.text(label)
    if not clean or len(clean) > 200 or any(ord(letter) < 32 for letter in clean):
        raise DatasetError(f"{label!r} cannot be a label: use 1 to 200 printable characters.")
    return clean


def _one(name: str, change: Callable[[Draft], Edit]) -> Edit:
    draft = Draft(name)
    edit = change(draft)
    draft.write()
    return edit
