"""Which cell or class the person has clicked, wherever that was; and its images."""

from __future__ import annotations

import streamlit as st

from core.metrics import mistakes
from pages.parts import words
from pages.parts.metrics import data, images, judgement

_KEY = "metrics-chosen"


def cell(key: str) -> None:
    """Take over the cell that was clicked in the chart `key`."""
    points = st.session_state[key].selection.points
    st.session_state[_KEY] = tuple(points[0]["customdata"][:2]) if points else None


def row(key: str, pairs: list[tuple[str, str | None]]) -> None:
    """Take over the row that was clicked in the table `key`: (true class, answer or None for any)."""
    rows = st.session_state[key].selection.rows
    st.session_state[_KEY] = pairs[rows[0]] if rows else None


def draw(judged: judgement.Judged) -> None:
    """The images of the chosen cell or class, the most confident answers first."""
    true, answer = st.session_state.get(_KEY) or (None, None)
    if true not in judged.figures["classes"]:
        st.caption("Click a cell of the matrix, or a row of a table, to see its images here.")
        return
    rows = mistakes.cell(data.answers(judged), true=true, answer=answer)
    called = f", called {words.plain(answer)}" if answer else ""
    st.subheader(f"Is {words.plain(true)}{called}: {len(rows):,}", anchor=False)
    st.caption(f"The most confident answers first, by {words.plain(judged.rule.describe())}.")
    images.draw(judged, rows, key="metrics-cell", show_true=answer is None)
