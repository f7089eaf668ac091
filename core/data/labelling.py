"""Which label each file bears: by its folders, by tables beside it, or by both."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pandas as pd

from core.data import archives, scan, tables

COLUMNS = ["path", "label", "group", "subset"]
CLASS_DEPTH = {"class folders": 1, "train, validation and test folders": 2}
"""How deep the folders lie that name the classes, for each shape that goes by folders."""


@dataclass(kw_only=True)
class Listing:
    """The files of a source. `table` has the columns path, label, group, subset and any `column:NAME`,
    one row per file that claims to be an image, sorted by path; nothing has been opened yet. `ignored`
    counts hidden files, litter and papers; `notes` are sentences on how the labels were found."""

    root: Path
    shape: str
    table: pd.DataFrame
    set_aside: list[tuple[str, str]]
    ignored: int
    tables: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def label(root: Path, files: list[str], described: list[tables.Table], *, strict: bool) -> Listing:
    """Give the `files` below `root` labels, from their folders and the tables that describe them.

    `strict`: the table is the person's own choice, and labels all that is to be labelled.
    """
    used = {table.name for table in described}
    files = [file for file in files if file not in used]
    labels = _merged([table for table in described if "label" in table.rows])
    by_folder = _by_folder(files)
    if labels is None:
        listing = by_folder
    elif strict or _goes_by_table(labels, by_folder.table, described):
        listing = _by_table(files, labels, described)
        listing.notes = _disagreement(labels, by_folder.table, described, most=0.5)
    else:
        listing = _row_by_row(by_folder, labels, described)
    listing.set_aside += [entry for table in described for entry in table.unmatched]
    listing.root, listing.tables = root, sorted(used)
    listing.table = _with_columns(listing.table, described)
    return listing


def _goes_by_table(labels: pd.DataFrame, by_folder: pd.DataFrame, described: list[tables.Table]) -> bool:
    """Whether the tables alone, and not the folders, say what is in the images."""
    if by_folder.empty:
        return True
    both = _both(labels, by_folder)
    if len(both) and (both["folder"] == both["table"]).mean() > 0.9:
        return False  # they agree, and the folders also know the files that the table leaves out
    hugging_face = any(PurePosixPath(table.name).stem.lower() == "metadata" for table in described)
    one_folder = by_folder["label"].nunique() == 1  # it holds the images, and names no class
    return hugging_face or one_folder or len(both) >= 0.5 * len(by_folder)


def _both(labels: pd.DataFrame, by_folder: pd.DataFrame) -> pd.DataFrame:
    """The labels of files that both a table and a folder label, by path: columns folder, table."""
    frame = pd.DataFrame({"folder": by_folder.set_index("path")["label"]})
    return frame.join(labels["label"].rename("table"), how="left").dropna()


def _disagreement(
    labels: pd.DataFrame, by_folder: pd.DataFrame, described: list[tables.Table], *, most: float = 1.0
) -> list[str]:
    """A sentence on how many files a table labels otherwise than their folder, unless more than `most` are:
    then folders and tables speak of different things."""
    both = _both(labels, by_folder)
    differ = both[both["folder"] != both["table"]]
    if not 0 < len(differ) <= most * len(both):
        return []
    first = differ.iloc[0]
    return [
        f"{_names(described)} labels {len(differ):,} of {len(both):,} files otherwise than their folder "
        f"does, and was followed (the first: {differ.index[0]} is {first['table']}, not {first['folder']})."
    ]


def _names(described: list[tables.Table]) -> str:
    return ", ".join(table.name for table in described if "label" in table.rows)


def _by_folder(files: list[str]) -> Listing:
    """Labels from folder names, after the subset's folder where the top folders are subsets."""
    tops = {file.split("/", 1)[0] for file in files if "/" in file}
    subsets = {top: tables.subset_of(top) for top in tops}
    has_subsets = len({subset for subset in subsets.values() if subset}) >= 2
    listing = _empty("train, validation and test folders" if has_subsets else "class folders")
    depth = CLASS_DEPTH[listing.shape]
    rows = []
    for file in files:
        parts = file.split("/")
        subset = subsets.get(parts[0]) if has_subsets and len(parts) > 1 else None
        if has_subsets and len(parts) > 1 and subset is None:
            listing.set_aside.append((file, "lies outside the train, validation and test folders"))
        elif len(parts) > depth:
            rows.append((file, scan.text(parts[depth - 1]), None, subset))
        else:
            _leave(listing, file, "lies beside the class folders, so it has no class")
    listing.table = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    return listing


def _by_table(files: list[str], labels: pd.DataFrame, described: list[tables.Table]) -> Listing:
    """Labels from the tables alone."""
    listing = _empty("a table")
    listing.set_aside = [entry for table in described for entry in table.torn]
    torn = {path for path, _ in listing.set_aside}
    rows = []
    for file in files:
        label = labels["label"].get(file)
        if isinstance(label, str):
            rows.append((file, label, None, _subset_above(file)))
        elif file in labels.index:
            listing.set_aside.append((file, f"has no label in {_names(described)}"))
        elif file not in torn:
            _leave(listing, file, f"is not listed in {_names(described)}")
    listing.table = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    return listing


def _row_by_row(listing: Listing, labels: pd.DataFrame, described: list[tables.Table]) -> Listing:
    """Labels from folders, and from the tables for each file that they label."""
    listing.notes = _disagreement(labels, listing.table, described)
    told = labels["label"].dropna()
    table = listing.table.set_index("path")
    shared = table.index.intersection(told.index)
    table.loc[shared, "label"] = told[shared]
    loose = told.index.difference(table.index)
    labelled = set(loose)
    rows = [(path, told[path], None, _subset_above(path)) for path in loose]
    added = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    listing.table = pd.concat([table.reset_index()[COLUMNS], added]).sort_values("path", ignore_index=True)
    listing.set_aside = [entry for entry in listing.set_aside if entry[0] not in labelled]
    return listing


def _subset_above(file: str) -> str | None:
    """The subset that one of a file's folders names."""
    return next(filter(None, map(tables.subset_of, file.split("/")[:-1])), None)


def _with_columns(listed: pd.DataFrame, described: list[tables.Table]) -> pd.DataFrame:
    """Add what the tables say beyond labels: groups, subsets, other columns. The first table wins."""
    extra = _merged(described)
    if extra is None or listed.empty:
        return listed
    extra = extra.drop(columns="label", errors="ignore").reindex(listed["path"])
    for column in extra.columns:
        values = tables.with_none(extra[column]).to_numpy()
        if column == "subset":
            listed[column] = [value or known for value, known in zip(values, listed[column], strict=True)]
        else:
            listed[column] = pd.Series(values, listed.index, dtype=object)
    return listed


def _merged(described: list[tables.Table]) -> pd.DataFrame | None:
    merged: pd.DataFrame | None = None
    for table in described:
        merged = table.rows if merged is None else merged.combine_first(table.rows)
    return merged


def _leave(listing: Listing, file: str, reason: str) -> None:
    reason = archives.foreign(file) or reason
    if scan.is_paper(file) and file.count("/") <= 1:
        listing.ignored += 1  # a README or a table never claimed to be an image
    else:
        listing.set_aside.append((file, reason))


def _empty(shape: str) -> Listing:
    return Listing(root=Path(), shape=shape, table=pd.DataFrame(columns=COLUMNS), set_aside=[], ignored=0)
