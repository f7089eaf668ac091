"""A split as a table that people keep: written for them, and taken back, though the dataset has changed."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from core.data import tables
from core.errors import SplitError

COLUMNS = ("path", "label", "group", "sha256", "subset")


@dataclass(frozen=True, kw_only=True, eq=False)
class Taken:
    """What a table says of a dataset's images.

    table: the dataset's rows that it names, with its `subset`, and its `group` where it has groups.
    notes: sentences on what did not fit.
    """

    table: pd.DataFrame
    notes: list[str]


def text(table: pd.DataFrame) -> str:
    """A split's table as CSV: path, label, group, sha256, subset."""
    # An image that stands alone carries a mark (`grouping`) that spreadsheets stumble over.
    return table[list(COLUMNS)].assign(group=table["group"].str.removeprefix("\0")).to_csv(index=False)


def read(data: bytes, name: str) -> pd.DataFrame:
    """One row per image that a CSV file names: path, subset, and label, group, sha256 ("" where it has none).

    Columns may be called as in a dataset's own table (`file_name`, `split`, ...), and subsets as folders are
    (`valid`, `dev`, ...).

    Raises:
        SplitError: `name` is no such table, or contradicts itself.
    """
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SplitError(f"{name} is not UTF-8 text. Save it as CSV (UTF-8).") from None
    first = next(iter(content.splitlines()), "")
    # Line ends of every kind are lines' ends: an older Excel writes bare carriage returns.
    lines = csv.DictReader(io.StringIO(content, newline=None), delimiter=max(",;\t", key=first.count))
    try:
        return _read(lines, name)
    except csv.Error as error:
        raise SplitError(
            f"{name} cannot be read at line {lines.line_num} ({error}). Save it as CSV (UTF-8) again."
        ) from error


def _read(lines: "csv.DictReader[str]", name: str) -> pd.DataFrame:
    spelled = {str(column).strip().lower(): column for column in lines.fieldnames or ()}
    file = _column(spelled, tables.COLUMNS["file"])
    subset = _column(spelled, tables.COLUMNS["subset"])
    if file is None or subset is None:
        raise SplitError(
            f"{name} is no table of a split: it needs the columns path and subset; found "
            f"{', '.join(spelled) or 'none'}. Take a CSV as the Split page downloads it."
        )
    others = {meaning: spelled.get(meaning) for meaning in ("label", "group", "sha256")}
    rows = [
        (
            line[file] or "",
            _subset(line[subset], line[file], name),
            *((line[column] or "") if column else "" for column in others.values()),
        )
        for line in lines
    ]
    return _consistent(pd.DataFrame(rows, columns=["path", "subset", *others], dtype=object), name)


def take(dataset: pd.DataFrame, named: pd.DataFrame, name: str) -> Taken:
    """The images of a dataset's table that `named` (as `read` gives it) puts in a subset.

    An image is known by its path; one whose path the table does not have, by its contents (sha256) among the
    rows whose path is gone.

    Raises:
        SplitError: the table names none of the images, or none of a class.
    """
    rows = named.set_index("path", drop=False)
    gone = named[~named["path"].isin(dataset["path"])]
    by_hash = gone[gone["sha256"] != ""].drop_duplicates("sha256").set_index("sha256")["path"]
    torn = gone.groupby("sha256")["subset"].nunique()
    by_hash = by_hash.drop(index=torn.index[torn > 1], errors="ignore")  # copies that were on several sides
    moved = dataset["sha256"].map(by_hash)
    known = dataset["path"].where(
        dataset["path"].isin(rows.index), moved
    )  # the path that the table knows it by
    found = known.notna()
    if not found.any():
        raise SplitError(
            f"None of the {len(named)} rows of {name} names an image of the dataset, by path or by contents. "
            "Take the table of a split of these images."
        )
    _check_classes(dataset["label"], found, name)
    said = rows.loc[known[found]].reset_index(drop=True)
    taken = dataset[found].reset_index(drop=True).assign(subset=said["subset"])
    if (said["group"] != "").any():
        taken["group"] = said["group"].where(said["group"] != "", taken["path"])
    else:
        taken = taken.drop(columns="group", errors="ignore")
    by_path = taken["path"] == said["path"]
    notes = [
        _note((~by_path).sum(), "image|s", "known by contents under another path", taken["path"][~by_path]),
        _note(
            (~found).sum(),
            "image|s of the dataset",
            "not in the table and in no subset",
            dataset["path"][~found],
        ),
        _note(
            len(unused := gone[~gone["path"].isin(known)]),
            "row|s of the table",
            "of no image here",
            unused["path"],
        ),
        _note(
            (other := (said["label"] != "") & (said["label"] != taken["label"])).sum(),
            "image|s",
            "labelled otherwise in the table; the dataset's label counts",
            taken["path"][other],
        ),
        _note(
            (changed := by_path & (said["sha256"] != "") & (said["sha256"] != taken["sha256"])).sum(),
            "image|s",
            "no longer the same picture as when the table was written",
            taken["path"][changed],
        ),
    ]
    return Taken(table=taken, notes=[note for note in notes if note])


def _column(spelled: dict[str, str], names: Iterable[str]) -> str | None:
    return next((spelled[name] for name in names if name in spelled), None)


def _subset(cell: str | None, path: str | None, name: str) -> str:
    subset = tables.subset_of(cell or "")
    if subset is None:
        raise SplitError(f"{name} puts {path!r} in {cell!r}; a subset is train, validation or test.")
    return subset


def _consistent(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    sides = rows.groupby("path")["subset"].nunique()
    torn = sides.index[sides > 1]
    if len(torn):
        raise SplitError(f"{name} puts {torn[0]!r} in more than one subset. Name every image once.")
    return rows.drop_duplicates("path", ignore_index=True)


def _check_classes(labels: pd.Series, found: pd.Series, name: str) -> None:
    lost = sorted(set(labels) - set(labels[found]))
    if lost:
        raise SplitError(
            f"{name} names no image of class {lost[0]!r}"
            + (f" and of {len(lost) - 1} more" if len(lost) > 1 else "")
            + ". Add rows for its images, or leave the class out of the dataset."
        )


def _note(n: int, what: str, are: str, paths: pd.Series) -> str:
    """A sentence on `n` of something, naming the first; "" for none."""
    if not n:
        return ""
    noun = what.replace("|s", "" if n == 1 else "s")
    first = f": {paths.iloc[0]}" if n == 1 else f"; the first: {paths.iloc[0]}"
    return f"{n} {noun} {'is' if n == 1 else 'are'} {are}{first}."
