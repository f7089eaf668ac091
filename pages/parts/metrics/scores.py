"""Every score of the whole, with its interval and what it says."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.metrics import views
from core.metrics.report import cells


def draw(figures: dict[str, Any]) -> None:
    """A table of all scores; an undefined one says so."""
    st.subheader("All scores", anchor=False)
    rows = [
        {
            "Score": row["title"],
            "Value": cells.number(row["name"], row["value"]),
            "95 % interval": _interval(figures, row),
            "What it says": row["note"],
        }
        for row in views.score_rows(figures)
    ]
    st.dataframe(rows, hide_index=True, width="stretch", height="content", key="metrics-scores")


def _interval(figures: dict[str, Any], row: dict[str, Any]) -> str:
    if row["name"] not in figures["intervals"]:
        return ""
    return cells.span(row["name"], figures["intervals"][row["name"]])
