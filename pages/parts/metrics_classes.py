"""Precision, recall and F1 of every class, as a table that can be sorted."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

HELP = {
    "precision": "Of the images called this class, how many are it.",
    "recall": "Of the images of this class, how many were found.",
    "f1": "The harmonic mean of precision and recall: high only when both are.",
    "support": "How many images of this class were judged; with few of them the other figures are rough.",
}


def draw(figures: dict[str, Any]) -> None:
    """One row a class; an undefined figure stays empty."""
    st.subheader("Class by class", anchor=False)
    st.caption("Weakest recall first. Click a heading to sort.")
    st.dataframe(
        table(figures), hide_index=True, width="stretch", column_config=_columns(), key="metrics-classes"
    )


def table(figures: dict[str, Any]) -> pd.DataFrame:
    """The per-class figures, worst recall first: columns class, recall, precision, f1, support."""
    rows = [{"class": label} | scores for label, scores in figures["per_class"].items()]
    frame = pd.DataFrame(rows)[["class", "recall", "precision", "f1", "support"]]
    return frame.sort_values("recall", kind="stable", na_position="last").reset_index(drop=True)


def _columns() -> dict[str, Any]:
    share = {"format": "percent", "min_value": 0.0, "max_value": 1.0, "width": 100}
    return {
        "class": st.column_config.TextColumn("Class", pinned=True),
        "recall": st.column_config.ProgressColumn("Recall", help=HELP["recall"], **share),
        "precision": st.column_config.ProgressColumn("Precision", help=HELP["precision"], **share),
        "f1": st.column_config.ProgressColumn("F1", help=HELP["f1"], **share),
        "support": st.column_config.NumberColumn("Images", help=HELP["support"], width=60),
    }
