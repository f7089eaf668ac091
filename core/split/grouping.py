"""Which images must stay on one side of a split."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import pandas as pd

from core.errors import SplitError

DEFAULT = "near-duplicates"
PATTERNS = (
    r"([^/]+)_[^/_]*$",  # patient12_003.jpg: what stands before the last underscore
    r"([^/]+)-[^/-]*$",  # the same with a hyphen
    r"([^/]*[A-Za-z]\d+)[^/\d][^/]*$",  # cat12b.jpg: up to the first number that letters lead to
)
"""Patterns worth proposing, the most common way of naming files first."""


def groups(table: pd.DataFrame, group_by: str) -> list[str]:
    """The group of every row of a dataset's table: its name, equal for images that stay together.

    `table` has the columns path, group, cluster (numbers of near-duplicate sets) and any `column:NAME`.

    An image that a column or a pattern says nothing of is a group of its own.

    Raises:
        SplitError: there is no such column, or the pattern matches no path.
    """
    kind, _, detail = group_by.partition(":")
    if kind == "none":
        return table["path"].tolist()
    if kind == "parent":
        return [str(PurePosixPath(path).parent) for path in table["path"]]
    if kind == "near-duplicates":
        return near_duplicates(table)
    if kind == "column":
        return _by_column(table, detail)
    return _by_pattern(table, detail)


def near_duplicates(table: pd.DataFrame) -> list[str]:
    """Each image's cluster of near-duplicates, as found at indexing, named by its first path."""
    return table.groupby("cluster")["path"].transform("min").tolist()


def pattern_for(paths: Sequence[str]) -> str:
    """A pattern to start from: the first of `PATTERNS` that puts images together by more than the class.

    "" where none does: most paths must match, some must share a group, and not all of a folder.
    """
    for pattern in PATTERNS:
        expression = re.compile(pattern)
        found = [(str(PurePosixPath(path).parent), expression.search(path)) for path in paths]
        named = [(folder, match.group(1)) for folder, match in found if match]
        folders = {folder for folder, _ in named}
        if len(named) > len(paths) / 2 and len(folders) < len(set(named)) < len(named):
            return pattern
    return ""


def group_of(path: str, pattern: str) -> str | None:
    """The group that a pattern finds in one path; None where it matches nothing, or is no pattern."""
    try:
        match = re.search(pattern, path)
    except re.error:
        return None
    return match and match.group(1 if match.re.groups else 0)


def columns(table: pd.DataFrame) -> list[str]:
    """The columns that images can be grouped by, as `column:NAME` takes them."""
    extra = [name.removeprefix("column:") for name in map(str, table) if name.startswith("column:")]
    return (["group"] if table["group"].notna().any() else []) + extra


def _by_column(table: pd.DataFrame, name: str) -> list[str]:
    if name not in columns(table):
        known = ", ".join(columns(table)) or "none: its source came without a table"
        raise SplitError(f"The dataset has no column {name!r} to group by; its columns: {known}.")
    values = table["group" if name == "group" else f"column:{name}"]
    return [_or_alone(value, path) for value, path in zip(values, table["path"], strict=True)]


def _by_pattern(table: pd.DataFrame, pattern: str) -> list[str]:
    expression = re.compile(pattern)
    found = [expression.search(path) for path in table["path"]]
    if not any(found):
        raise SplitError(
            f"The pattern {pattern!r} matches none of the {len(table)} paths, such as "
            f"{table['path'].iloc[0]!r}."
        )
    values = [None if match is None else match.group(1 if expression.groups else 0) for match in found]
    return [_or_alone(value, path) for value, path in zip(values, table["path"], strict=True)]


def _or_alone(value: object, path: str) -> str:
    # A cell is text or missing; a path cannot equal a named group, for it carries a mark that text does not.
    return str(value) if isinstance(value, str) and value else f"\0{path}"
