"""A split in figures: its sizes beside those asked for, every class, and copies on two sides."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import words
from core.split import sizes
from core.split import store as splits

_MEANING = {
    "train": "The model learns from these.",
    "validation": "These choose the best epoch, and every setting that you compare.",
    "test": "These give the final grade, once.",
}


def numbers(split: splits.Split) -> None:
    """How many images each subset has, beside what was asked for."""
    with st.grid(3, min_column_width=150):
        for size in sizes.of(split):
            st.metric(
                size.subset.capitalize(),
                f"{size.n:,}",
                _share(size) if size.n else "no final grade",
                delta_color="off",
                delta_arrow="off",
                border=True,
                help=_MEANING[size.subset],
            )
    if said := sizes.sentence(split):
        st.caption(f":material/straighten: {said}")


def _share(size: sizes.Size) -> str:
    """ "70 %", or with what was asked where it came to something else: "68.9 % (asked 70 %)"."""
    came, asked = words.percent(size.share, 1).replace(".0 ", " "), size.asked
    return came if asked is None or abs(size.share - asked) < 5e-4 else f"{came} (asked {100 * asked:g} %)"


def notes(split: splits.Split) -> None:
    """Images or classes that are missing somewhere."""
    if split.notes:
        st.warning("  \n".join(split.notes), icon=":material/rule:")


def table(split: splits.Split) -> pd.DataFrame:
    """One row per class: its images in each subset, and in all."""
    table = pd.DataFrame(split.counts()).rename_axis("Class")
    return table.assign(All=table.sum(axis="columns")).rename(columns=str.capitalize)


def copies(split: splits.Split) -> None:
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
