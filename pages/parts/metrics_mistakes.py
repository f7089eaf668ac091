"""The mistakes, the worst first: images, truth, answer, and what to do about each."""

from __future__ import annotations

import streamlit as st

from core import runs
from core.metrics import mistakes
from pages.parts import metrics_data, metrics_images


def draw(run: runs.Run, subset: str) -> None:
    """Every wrong answer by loss; a filter by true class, and the ambiguous ones put aside on demand."""
    wrong = mistakes.worst_first(metrics_data.answers(run, subset))
    if wrong.empty:
        st.success("Not one mistake on these images.", icon=":material/check_circle:")
        return
    doubtful = mistakes.ambiguous(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            "True class",
            sorted(wrong["true"].unique()),
            index=None,
            placeholder="All classes",
            key="metrics-mistakes-class",
            width=240,
        )
        hide = bool(doubtful) and st.toggle("Hide the ambiguous ones", key="metrics-mistakes-hide")
    shown = wrong if label is None else wrong[wrong["true"] == label]
    shown = shown[~shown["path"].isin(doubtful)] if hide else shown
    st.caption(
        f"{len(shown):,} mistakes, those of the greatest loss first: very sure and wrong is often a wrong "
        "label. Mark one to see where the model looked."
    )
    metrics_images.draw(run, shown, key="metrics-mistakes")
