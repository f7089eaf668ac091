"""The inputs of a new split: sizes, what stays together, the seed, or a table that says it all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core import errors
from core.data import datasets
from core.split import config as split_config
from core.split import grouping, listed
from pages.parts import deeper

LESSON = "80 / 20 (the lesson's)"
PRESETS = {"70 / 15 / 15": (70, 15, 15), LESSON: (80, 20, 0), "Own": None}
FOLDERS, TABLE = "From the folders", "From a table"
LOST = (
    "In the lesson's 80 / 20 the same images choose the best epoch **and** grade it. The grade comes out a "
    "little too good, because the epoch that happened to suit these images was picked, and nothing is left "
    "to check it on."
)
GROUPINGS = {
    "near-duplicates": "Copies of the same picture",
    "parent": "Images of the same folder",
    "column": "Images with the same value in a column",
    "pattern": "Images whose names match a pattern",
    "none": "Nothing",
}
_LOOKED_AT = 5000  # file names that the proposed pattern is tried on


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the inputs ask for: the configuration, and what goes with it to `splits.divide`.

    clusters: of near-duplicates, where the network was asked to help. named: an uploaded table.
    """

    config: split_config.SplitConfig
    clusters: np.ndarray | None = None
    named: pd.DataFrame | None = None


def preset(dataset: datasets.Dataset) -> str:
    """Where the sizes come from."""
    options = [*PRESETS, *([FOLDERS] if dataset.table["subset"].notna().any() else []), TABLE]
    return st.segmented_control("Sizes", options, default=options[0], key="split-preset") or options[0]


def asked(dataset: datasets.Dataset, preset: str) -> Asked | None:
    """What the inputs ask for; None while a table is still to come.

    Raises:
        FieldguideError: they cannot be meant so.
    """
    if preset == TABLE:
        return _table()
    sizes = _sizes(preset)
    group_by = _grouping(dataset)
    look = group_by == grouping.DEFAULT and deeper.wanted("split-deeper")
    clusters, basis = deeper.clusters(dataset) if look else (None, None)
    seed = int(
        st.number_input("Seed", 0, 2**31 - 1, 0, key="split-seed", help="The same seed, the same split.")
    )
    _check_pattern(group_by)
    config = split_config.SplitConfig(
        **split_config.shares_of(**sizes),
        seed=seed,
        group_by=group_by,
        from_folders=preset == FOLDERS,
        features=basis,
    )
    return Asked(config=config, clusters=clusters)


def _table() -> Asked | None:
    """A table of the person's that says which image is where."""
    st.caption(
        "A CSV with the columns `path` and `subset`: a split downloaded here, or one of your own. With "
        "`sha256`, images that were moved or renamed are known too."
    )
    file = st.file_uploader("Table of a split", type=["csv", "tsv", "txt"], key="split-table")
    if file is None:
        return None
    named = listed.read(file.getvalue(), file.name)
    return Asked(config=split_config.SplitConfig(from_table=file.name), named=named)


def _sizes(preset: str) -> dict[str, float]:
    """Percentages of train, validation and test."""
    if preset == FOLDERS:
        st.caption("The images keep the subset that their folder, or the table they came with, names.")
    if preset == LESSON:
        st.info(LOST, icon=":material/lightbulb:")
    values = PRESETS.get(preset, PRESETS["70 / 15 / 15"]) or _own_sizes()
    return dict(zip(split_config.SUBSETS, values, strict=True))


def _own_sizes() -> list[float]:
    labels = {"Train %": 70, "Validation %": 15, "Test %": 15}
    return [
        column.number_input(label, 0, 100, default, 5, key=f"share-{label}")
        for column, (label, default) in zip(st.columns(3), labels.items(), strict=True)
    ]


def _grouping(dataset: datasets.Dataset) -> str:
    columns = grouping.columns(dataset.table)
    options = [kind for kind in GROUPINGS if kind != "column" or columns]
    kind = st.selectbox(
        "What must stay together",
        options,
        format_func=GROUPINGS.__getitem__,
        key="split-grouping",
        help="Images of one group are never divided between train, validation and test.",
    )
    if kind == "column":
        return f"column:{st.selectbox('Column', columns, key='split-column')}"
    return f"pattern:{_pattern(dataset.table['path'])}" if kind == "pattern" else kind


def _pattern(paths: pd.Series) -> str:
    """A regular expression, with what it makes of the first file name."""
    pattern = st.text_input(
        "Pattern",
        grouping.pattern_for(paths.head(_LOOKED_AT).tolist()),
        placeholder=r"([^/]+)_",
        key="split-pattern",
        help="A regular expression, searched in each image's path; its first bracket names the group.",
    ).strip()
    group = grouping.group_of(paths.iloc[0], pattern) if pattern else None
    st.caption(
        f"`{paths.iloc[0]}` is " + ("of no group." if group is None else f"of the group `{group or ' '}`.")
    )
    return pattern


def _check_pattern(group_by: str) -> None:
    if group_by == "pattern:":
        raise errors.SplitError(
            "Say which part of a file's name is the group, as a regular expression: `([^/]+)_` takes what "
            "stands before the last underscore."
        )
