"""The inputs of a new split, beside what would come of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core import errors
from core.data import datasets
from core.split import config as split_config
from core.split import grouping, listed
from core.split import store as splits
from pages.parts import caches, deeper, problems, split_view, state

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


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the inputs ask for: the configuration, and what goes with it to `splits.divide`.

    clusters: of near-duplicates, where the network was asked to help. named: an uploaded table.
    """

    config: split_config.SplitConfig
    clusters: np.ndarray | None = None
    named: pd.DataFrame | None = None


def draw(dataset: datasets.Dataset) -> None:
    """The form on the left, a live preview on the right; the button makes the split and chooses it."""
    preset = _preset(dataset)
    form, preview = st.columns([2, 3], gap="large")
    try:
        with form:
            asked = _asked(dataset, preset)
            if asked is None:
                return
            name = _name(dataset, asked.config)
        divided = caches.divided(dataset, asked.config, asked.clusters, asked.named)
    except errors.FieldguideError as error:
        with preview:
            problems.show(error)
        return
    with preview:
        split_view.preview(divided)
    with form:
        if st.button("Make this split", type="primary", icon=":material/call_split:", key="make-split"):
            _make(name, dataset, asked)


def _asked(dataset: datasets.Dataset, preset: str) -> Asked | None:
    """What the inputs ask for; None while a table is still to come."""
    if preset == TABLE:
        return _table()
    train, validation, test = _shares(preset)
    group_by = _grouping(dataset)
    look = group_by == grouping.DEFAULT and deeper.wanted("split-deeper")
    clusters, basis = deeper.clusters(dataset) if look else (None, None)
    seed = int(
        st.number_input("Seed", 0, 2**31 - 1, 0, key="split-seed", help="The same seed, the same split.")
    )
    config = split_config.SplitConfig(
        train=train / 100,
        validation=validation / 100,
        test=test / 100,
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


def _name(dataset: datasets.Dataset, config: split_config.SplitConfig) -> str:
    """The name that the person gives; what is proposed follows the sizes and the seed."""
    shares = "-".join(f"{share * 100:g}" for share in config.shares.values() if share)
    sizes = "folders" if config.from_folders else "table" if config.from_table else shares
    proposed = f"{dataset.name[:40]}-{sizes}" + (f"-seed{config.seed}" if config.seed else "")
    return st.text_input("Name", proposed, key=f"split-name-{proposed}").strip()


def _preset(dataset: datasets.Dataset) -> str:
    """Where the sizes come from."""
    options = [*PRESETS, *([FOLDERS] if dataset.table["subset"].notna().any() else []), TABLE]
    return st.segmented_control("Sizes", options, default=options[0], key="split-preset") or options[0]


def _shares(preset: str) -> tuple[float, float, float]:
    """Percentages of train, validation and test."""
    if preset == FOLDERS:
        st.caption("The images keep the subset that their folder, or the table they came with, names.")
        return 70, 15, 15
    if preset == LESSON:
        st.info(LOST, icon=":material/lightbulb:")
    return PRESETS[preset] or _own_shares()


def _own_shares() -> tuple[float, float, float]:
    labels = {"Train %": 70, "Validation %": 15, "Test %": 15}
    values = [
        column.number_input(label, 0, 100, default, 5, key=f"share-{label}")
        for column, (label, default) in zip(st.columns(3), labels.items(), strict=True)
    ]
    return values[0], values[1], values[2]


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
    if kind == "pattern":
        pattern = st.text_input(
            "Pattern",
            r"([^/]+)_",
            key="split-pattern",
            help="A regular expression, searched in each image's path; its first bracket names the group.",
        )
        st.caption(f"Paths look like `{dataset.table['path'].iloc[0]}`.")
        return f"pattern:{pattern}"
    return kind


def _make(name: str, dataset: datasets.Dataset, asked: Asked) -> None:
    try:
        splits.make(name, dataset, asked.config, clusters=asked.clusters, named=asked.named)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    state.choose(split=name)
    st.session_state[split_view.MADE] = name
    st.rerun()
