"""A split to look at: how many images of each class are where, and what that is worth."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import errors
from core.split import store as splits
from pages.parts import charts, nav, problems, split_sureness, state

_MEANING = {
    "train": "The model learns from these.",
    "validation": "These choose the best epoch, and every setting that you compare.",
    "test": "These give the final grade, once.",
}


def preview(split: splits.Split) -> None:
    """What a split would be, before it is made."""
    st.markdown("**So it would be**")
    _numbers(split)
    with st.container(border=True):
        st.markdown("**Every class in every subset**")
        charts.subset_bars(split.counts(), split.classes, key="split-preview-bars")
    _copies(split)
    split_sureness.warning(split)


def saved(split: splits.Split) -> None:
    """A split that was made: its figures, its table, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(split.name, anchor=False, width="stretch")
        nav.button("finetune", "Next: train on this split", key="to-finetune")
    if not splits.current(split):
        st.warning(
            "The dataset has changed since this split was made. The split still holds the images as they "
            "were; make a new one to take the changes in.",
            icon=":material/history:",
        )
    _numbers(split)
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        st.markdown("**Every class in every subset**")
        charts.subset_bars(split.counts(), split.classes, key="split-bars")
    with right, st.container(border=True, height="stretch"):
        st.markdown("**In numbers**")
        st.dataframe(_table(split), width="stretch")
    _copies(split)
    split_sureness.draw(split)
    _actions(split)


def _numbers(split: splits.Split) -> None:
    total = len(split.table)
    with st.grid(3, min_column_width=150):
        for subset, labels in split.counts().items():
            count = sum(labels.values())
            share = f"{count / total:.1%}{_asked(split, subset, count)}" if count else "no final grade"
            st.metric(
                subset.capitalize(),
                f"{count:,}",
                share,
                delta_color="off",
                delta_arrow="off",
                border=True,
                help=_MEANING[subset],
            )


def _asked(split: splits.Split, subset: str, count: int) -> str:
    """How near the size came to what was asked for, where whole groups kept it from being exact."""
    asked = split.config.shares[subset]
    if split.config.from_folders or abs(count - asked * len(split.table)) < 1:
        return ""
    return f" (asked {asked:.0%})"


def _table(split: splits.Split) -> pd.DataFrame:
    """One row per class: its images in each subset, and in all."""
    table = pd.DataFrame(split.counts()).rename_axis("Class")
    return table.assign(All=table.sum(axis="columns")).rename(columns=str.capitalize)


def _copies(split: splits.Split) -> None:
    """Before and after: near-duplicates on both sides of a border."""
    random, this = split.straddling["random"], split.straddling["this"]
    if not random and not this:
        st.caption(
            ":material/check_circle: No detected near-duplicates stand on two sides, here or at random."
        )
    elif not this:
        st.success(
            f"A random division would put **{random:,}** images on another side than a near-duplicate of "
            "theirs, and the grade would be flattered. Here it is **0**: detected copies stay together.",
            icon=":material/verified:",
        )
    else:
        st.warning(
            f"**{this:,}** images have a detected near-duplicate in another subset (at random: {random:,}). "
            "The model will be graded on pictures that it has practically seen. Let copies stay together, "
            "unless that is meant.",
            icon=":material/warning:",
        )


def _actions(split: splits.Split) -> None:
    made = split.created[:16].replace("T", " ")
    st.caption(f"Seed {split.config.seed} · kept together: {split.config.group_by} · made {made} UTC")
    with st.container(horizontal=True):
        st.download_button(
            "Download as CSV",
            data=lambda: split.table.to_csv(index=False),
            file_name=f"{split.name}.csv",
            icon=":material/download:",
            on_click="ignore",
        )
        if st.button("Delete this split", icon=":material/delete:", key="delete-split"):
            _delete(split.name)


def _delete(name: str) -> None:
    try:
        splits.delete(name)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    state.forget_split()
    st.rerun()
