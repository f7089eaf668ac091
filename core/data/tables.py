"""Tables that people keep beside their images: CSV, TSV, JSONL or Parquet, one row per file."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pandas as pd

from core.data import scan, table_files, table_lookup

COLUMNS = {
    "file": ("file_name", "path", "image", "filename", "file", "image_path", "filepath"),
    "label": ("label", "class", "target", "category"),
    "group": ("group",),
    "subset": ("subset", "split"),
}
SUBSETS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "eval", "dev"),
    "test": ("test", "testing"),
}
_SUBSET_OF = {name: subset for subset, names in SUBSETS.items() for name in names}
_MAX_EXTRA = 24  # columns kept for grouping and slicing


@dataclass(kw_only=True)
class Table:
    """A table whose rows were matched to files. `rows` is indexed by path and holds what it says of each:
    label, group, subset (where it has them) and `column:NAME` for the rest, all text or None.
    `unmatched` has the rows without a file, `torn` the files with several labels: each with a reason."""

    name: str
    rows: pd.DataFrame
    unmatched: list[tuple[str, str]] = field(default_factory=list)
    torn: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A file that is not used as a table of these images, and why. `meant`: it seems to have been one."""

    name: str
    reason: str
    meant: bool


def subset_of(name: str) -> str | None:
    """The subset that a folder or a cell of that name means."""
    return _SUBSET_OF.get(name.strip().lower())


def read(root: Path, path: str, files: list[str]) -> Table | Refused:
    """Match the table at `path` (relative to root) to `files`.

    Cells may name a file relative to the table or to root, by its bare name, or without its ending.
    """
    raw = table_files.load(root / path)
    if isinstance(raw, str):
        return Refused(name=path, reason=raw, meant=True)
    named = _named_columns(raw)
    if "file" not in named:
        return Refused(name=path, reason=f"it has no file column ({', '.join(COLUMNS['file'])})", meant=False)
    lookup = table_lookup.Lookup(files, PurePosixPath(path).parent)
    matched = [lookup.find(cell) for cell in raw[named["file"]]]
    unmatched = [
        (_shown(cell) or f"row {number} of {path}", f"listed in {path}, but {why}")
        for number, (cell, (file, why)) in enumerate(zip(raw[named["file"]], matched, strict=True), start=1)
        if file is None
    ]
    if len(unmatched) == len(raw):
        detail = f" (the first: {unmatched[0][0]}, {matched[0][1]})" if unmatched else ""
        return Refused(name=path, reason=f"none of its {len(raw)} rows names a file{detail}", meant=True)
    rows = _content(raw, named)
    rows["path"] = [file for file, _ in matched]
    rows, torn = _one_row_each(rows[rows["path"].notna()], path)
    return Table(name=path, rows=rows.set_index("path"), unmatched=unmatched, torn=torn)


def with_none(column: pd.Series) -> pd.Series:
    """A text column whose missing cells are None, which pandas would rather call NaN."""
    return pd.Series(
        [value if isinstance(value, str) else None for value in column], column.index, dtype=object
    )


def _named_columns(raw: pd.DataFrame) -> dict[str, str]:
    spelled = {str(column).strip().lower(): column for column in raw.columns}
    named = {}
    for meaning, names in COLUMNS.items():
        column = next((spelled[name] for name in names if name in spelled), None)
        if column is not None:
            named[meaning] = column
    return named


def _content(raw: pd.DataFrame, named: dict[str, str]) -> pd.DataFrame:
    rows = pd.DataFrame(index=raw.index)
    for meaning in ("label", "group"):
        if meaning in named:
            rows[meaning] = [_cell(value) for value in raw[named[meaning]]]
    if "subset" in named:
        rows["subset"] = [subset_of(str(value)) for value in raw[named["subset"]]]
    others = [column for column in raw.columns if column not in named.values()][:_MAX_EXTRA]
    for column in others:
        rows[f"column:{str(column).strip()}"] = [_cell(value) for value in raw[column]]
    return rows


def _shown(cell: object) -> str:
    return str(cell).strip() if isinstance(cell, (str, int)) else ""


def _cell(value: object) -> str | None:
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a column of whole numbers with gaps
    return scan.text(str(value)) or None


def _one_row_each(rows: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    if "label" not in rows:
        return rows.drop_duplicates("path"), []
    labels = rows.groupby("path")["label"].nunique(dropna=False)
    torn = labels.index[labels > 1]
    aside = [(path, f"listed in {name} more than once, with different labels") for path in torn]
    return rows[~rows["path"].isin(torn)].drop_duplicates("path"), aside
