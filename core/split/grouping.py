"""Which images must stay on one side of a split."""

import re
from pathlib import PurePosixPath

import pandas as pd

from core.errors import SplitError

DEFAULT = "near-duplicates"


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
