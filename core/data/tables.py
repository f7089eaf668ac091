"""Tables that people keep beside their images: CSV, TSV, JSONL or Parquet, one row per file."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
import pyarrow as pa

from core.data import scan

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
    label, group, subset (where it has them) and `column:NAME` for the rest, all text or None."""

    name: str
    rows: pd.DataFrame
    set_aside: list[tuple[str, str]] = field(default_factory=list)


def subset_of(name: str) -> str | None:
    """The subset that a folder or a cell of that name means."""
    return _SUBSET_OF.get(name.strip().lower())


def read(root: Path, path: str, files: list[str]) -> Table | None:
    """Match the table at `path` (relative to root) to `files`.

    Cells may name a file relative to the table or to root, by its bare name, or without its ending.
    Returns None when it is not a table of files: no file column, or not one of its files is there.
    """
    raw = _load(root / path)
    named = _named_columns(raw) if raw is not None else {}
    if raw is None or "file" not in named:
        return None
    lookup = _Lookup(files, PurePosixPath(path).parent)
    matched = [lookup.find(cell) for cell in raw[named["file"]]]
    if not any(matched):
        return None
    rows = _content(raw, named)
    rows["path"] = matched
    aside = [
        (str(cell), f"listed in {path}, but there is no such file")
        for cell, found in zip(raw[named["file"]], matched, strict=True)
        if found is None
    ]
    rows = rows[rows["path"].notna()]
    rows, contradictions = _one_row_each(rows, path)
    return Table(name=path, rows=rows.set_index("path"), set_aside=aside + contradictions)


def with_none(column: pd.Series) -> pd.Series:
    """A text column whose missing cells are None, which pandas would rather call NaN."""
    return pd.Series(
        [value if isinstance(value, str) else None for value in column], column.index, dtype=object
    )


def _load(file: Path) -> pd.DataFrame | None:
    ending = file.suffix.lower()
    try:
        if ending == ".parquet":
            return pd.read_parquet(file)
        if ending == ".jsonl":
            return pd.read_json(file, lines=True, dtype=False)
        options: dict[str, Any] = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
        if ending == ".tsv":
            return pd.read_csv(file, sep="\t", **options)
        return pd.read_csv(file, sep=_separator(file), **options)
    except (ValueError, pa.ArrowException, OSError, pd.errors.ParserError):
        return None  # not a table after all; without one that can be read, `sources` says what is missing


def _separator(file: Path) -> str:
    """Comma, semicolon or tab: whichever the first line has most of."""
    with open(file, encoding="utf-8-sig", errors="replace") as lines:
        first = lines.readline()
    return max(",;\t", key=first.count)


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


class _Lookup:
    """Finds the file that a cell of a table means."""

    def __init__(self, files: list[str], base: PurePosixPath) -> None:
        self._base = base
        self._exact = {scan.text(file): file for file in files}
        self._by_name = _unique({file: scan.text(PurePosixPath(file).name) for file in files})
        self._by_stem = _unique({file: scan.text(PurePosixPath(file).stem) for file in files})

    def find(self, cell: object) -> str | None:
        if not isinstance(cell, (str, int)) or not str(cell).strip():
            return None
        wanted = PurePosixPath(scan.text(str(cell).replace("\\", "/")))
        for candidate in (self._base / wanted, wanted):
            if str(candidate) in self._exact:
                return self._exact[str(candidate)]
        return self._by_name.get(wanted.name) or self._by_stem.get(wanted.name)


def _unique(names: dict[str, str]) -> dict[str, str]:
    counts = Counter(names.values())
    return {name: file for file, name in names.items() if counts[name] == 1}
