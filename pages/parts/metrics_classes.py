"""Every class with all its scores, as a table that can be sorted; a click on a row opens its images."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.metrics import views
from pages.parts import metrics_chosen

HELP = {
    "precision": "Of the images called this class, how many are it.",
    "recall": "Of the images of this class, how many were found.",
    "f1": "The harmonic mean of precision and recall: high only when both are.",
    "average_precision": "Area under precision-recall: 100 % if the class outranks all else.",
    "roc_auc": "The chance that an image of the class outranks one that is not of it.",
    "support": "How many images of this class were judged; with few of them the other figures are rough.",
}


def draw(figures: dict[str, Any]) -> None:
    """One row a class; an undefined figure stays empty."""
    st.subheader("Class by class", anchor=False)
    st.caption("Weakest recall first. Click a heading to sort, a row for its images.")
    frame = table(figures)
    key = f"metrics-classes-{figures['subset']}"
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        height="content" if len(frame) <= 12 else 460,
        column_config=_columns(),
        key=key,
        on_select=lambda: metrics_chosen.row(key, [(label, None) for label in frame["class"]]),
        selection_mode="single-row",
    )
    few = figures["too_few_images"]["classes"]
    if few:
        st.caption("Empty intervals: too few images of the class to give one honestly.")


def table(figures: dict[str, Any]) -> pd.DataFrame:
    """The per-class figures, worst recall first."""
    rows = [
        {"class": label, "between": views.between(one["intervals"]["recall"])} | one
        for label, one in figures["per_class"].items()
    ]
    names = ["class", "recall", "between", "precision", "f1", "average_precision", "roc_auc", "support"]
    frame = pd.DataFrame(rows)[names]
    return frame.sort_values("recall", kind="stable", na_position="last").reset_index(drop=True)


def _columns() -> dict[str, Any]:
    share = {"format": "percent", "min_value": 0.0, "max_value": 1.0, "width": 92}
    plain = {"format": "percent", "width": 76}
    return {
        "class": st.column_config.TextColumn("Class", pinned=True),
        "recall": st.column_config.ProgressColumn("Recall", help=HELP["recall"], **share),
        "between": st.column_config.TextColumn("95 %", help="Interval of the recall.", width=84),
        "precision": st.column_config.ProgressColumn("Precision", help=HELP["precision"], **share),
        "f1": st.column_config.ProgressColumn("F1", help=HELP["f1"], **share),
        "average_precision": st.column_config.NumberColumn(
            "Av. precision", help=HELP["average_precision"], **plain
        ),
        "roc_auc": st.column_config.NumberColumn("ROC AUC", help=HELP["roc_auc"], **plain),
        "support": st.column_config.NumberColumn("Images", help=HELP["support"], width=60),
    }
