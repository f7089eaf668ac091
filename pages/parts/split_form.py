"""The inputs of a new split, beside what would come of them."""

from __future__ import annotations

import streamlit as st

from core import errors
from core.data import datasets
from core.split import config as split_config
from core.split import grouping
from core.split import store as splits
from pages.parts import caches, problems, split_view, state

PRESETS = {"70 / 15 / 15": (70, 15, 15), "80 / 20 (the lesson's)": (80, 20, 0), "Own": None}
FOLDERS = "From the folders"
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


def draw(dataset: datasets.Dataset) -> None:
    """The form on the left, a live preview on the right; the button makes the split and chooses it."""
    form, preview = st.columns([2, 3], gap="large")
    with form:
        shares, from_folders = _shares(dataset)
        group_by = _grouping(dataset)
        seed = int(
            st.number_input("Seed", 0, 2**31 - 1, 0, key="split-seed", help="The same seed, the same split.")
        )
        suggestion = _suggestion(dataset.name, shares, from_folders, seed)
        name = st.text_input("Name", suggestion, key=f"split-name-{suggestion}").strip()
    try:
        train, validation, test = (share / 100 for share in shares)
        config = split_config.SplitConfig(
            train=train,
            validation=validation,
            test=test,
            seed=seed,
            group_by=group_by,
            from_folders=from_folders,
        )
        divided = caches.divided(dataset, config)
    except errors.FieldguideError as error:
        with preview:
            problems.show(error)
        return
    with preview:
        split_view.preview(divided)
    with form:
        if st.button("Make this split", type="primary", icon=":material/call_split:", key="make-split"):
            _make(dataset, config, name)


def _shares(dataset: datasets.Dataset) -> tuple[tuple[float, float, float], bool]:
    """Percentages of train, validation and test, and whether the source's own folders decide instead."""
    options = list(PRESETS) + ([FOLDERS] if dataset.table["subset"].notna().any() else [])
    preset = st.segmented_control("Sizes", options, default=options[0], key="split-preset")
    if preset == FOLDERS:
        st.caption("The images keep the subset that their folder, or the table they came with, names.")
        return (70, 15, 15), True
    shares = PRESETS.get(preset or options[0]) or _own_shares()
    if preset == options[1]:
        st.info(LOST, icon=":material/lightbulb:")
    return shares, False


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


def _suggestion(dataset: str, shares: tuple[float, ...], from_folders: bool, seed: int) -> str:
    sizes = "folders" if from_folders else "-".join(f"{share:g}" for share in shares if share)
    return f"{dataset[:40]}-{sizes}" + (f"-seed{seed}" if seed else "")


def _make(dataset: datasets.Dataset, config: split_config.SplitConfig, name: str) -> None:
    try:
        splits.make(name, dataset, config)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    state.choose(split=name)
    st.session_state.pop("split-view", None)
    st.rerun()
