"""Every class with all its scores, as a table that can be sorted; a click on a row opens its images."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.metrics import views
from pages.parts import percents
from pages.parts.metrics import chosen

SCORES = {
    "recall": ("Recall", "Of the images of this class, how many were found."),
    "precision": ("Precision", "Of the images called this class, how many are it."),
    "f1": ("F1", "The harmonic mean of precision and recall: high only when both are."),
    "average_precision": (
        "AP",
        "Average precision: area under precision-recall; 100 % if the class outranks all.",
    ),
    "roc_auc": ("ROC AUC", "The chance that an image of the class outranks one that is not of it."),
}
SUPPORT = "How many images of this class were judged; with few of them the other figures are rough."


def draw(figures: dict[str, Any]) -> None:
    """One row a class; an undefined figure stays empty."""
    st.subheader("Class by class", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Weakest recall first. Click a heading to sort, a row for its images.", width="stretch")
        intervals = st.toggle("95 % intervals", value=True, key="metrics-class-intervals")
    frame = table(figures, intervals=intervals)
    key = f"metrics-classes-{figures['subset']}"
    st.dataframe(
        percents.scaled(frame, SCORES),
        hide_index=True,
        width="stretch",
        height="content" if len(frame) <= 12 else 460,
        column_config=_columns(),
        key=key,
        on_select=lambda: chosen.row(key, [(label, None) for label in frame["class"]]),
        selection_mode="single-row",
    )
    if intervals and figures["too_few_images"]["classes"]:
        st.caption("Empty intervals: too few images of the class to give one honestly.")


def table(figures: dict[str, Any], *, intervals: bool = True) -> pd.DataFrame:
    """The per-class figures, worst recall first; each followed by its interval as text, if wanted."""
    rows = [
        {f"{name} between": views.between(one["intervals"][name]) for name in SCORES} | one | {"class": label}
        for label, one in figures["per_class"].items()
    ]
    scores = [column for name in SCORES for column in (name, f"{name} between")][:: 1 if intervals else 2]
    frame = pd.DataFrame(rows)[["class", "support", *scores]]
    return frame.sort_values("recall", kind="stable", na_position="last").reset_index(drop=True)


def _columns() -> dict[str, Any]:
    found: dict[str, Any] = {
        "class": st.column_config.TextColumn("Class", pinned=True),
        "support": st.column_config.NumberColumn("Images", help=SUPPORT, width=58),
    }
    for name, (title, meaning) in SCORES.items():
        if name in ("recall", "precision", "f1"):
            found[name] = percents.bar(title, help=meaning, width=88)
        else:
            found[name] = percents.column(title, help=meaning, width=74)
        found[f"{name} between"] = st.column_config.TextColumn(
            "95 %", help=f"Interval of the {title}.", width=78
        )
    return found
