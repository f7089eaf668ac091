"""Opening a person's table file, in whatever it was written: CSV, TSV, JSONL or Parquet."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def load(file: Path) -> pd.DataFrame | str:
    """The table, its cells as text (CSV, TSV) or as they were typed; or why it cannot be read."""
    ending = file.suffix.lower()
    try:
        if ending == ".parquet":
            return pd.read_parquet(file)
        encoding = _encoding(file)
        if ending == ".jsonl":
            return _lines(file, encoding)
        separator = "\t" if ending == ".tsv" else _separator(file, encoding)
        return pd.read_csv(file, sep=separator, dtype=str, keep_default_na=False, encoding=encoding)
    except UnicodeError:
        return "it is not written in UTF-8: save it again as UTF-8 (in Excel: as 'CSV UTF-8')"
    except pd.errors.EmptyDataError:
        return "it is empty"
    except (ValueError, pa.ArrowException, OSError, RecursionError) as error:
        said = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        return f"it cannot be read as a {ending[1:].upper()} table ({said[:200]})"


def _encoding(file: Path) -> str:
    """UTF-8, or UTF-16 where the file begins with its mark; other encodings could only be guessed."""
    with open(file, "rb") as opened:
        return "utf-16" if opened.read(2) in _UTF_16 else "utf-8-sig"


def _separator(file: Path, encoding: str) -> str:
    """Comma, semicolon or tab: whichever the first line has most of."""
    with open(file, encoding=encoding, errors="replace") as lines:
        first = lines.readline()
    return max(",;\t", key=first.count)


def _lines(file: Path, encoding: str) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    with open(file, encoding=encoding) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                rows.append(_row(line, number))
    return pd.DataFrame(rows, dtype=object)


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise ValueError(f"line {number} is no whole JSON object")
    return row
