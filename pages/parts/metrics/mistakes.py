"""The mistakes, the worst first: images, truth, answer, and what to do about each."""

from __future__ import annotations

import streamlit as st

from core.metrics import decisions, mistakes
from pages.parts.metrics import data, images, judgement


def draw(judged: judgement.Judged) -> None:
    """Every wrong answer by loss; a filter by true class, and the ambiguous ones put aside on demand."""
    wrong = mistakes.worst_first(data.answers(judged))
    if wrong.empty:
        st.success("Not one mistake on these images.", icon=":material/check_circle:")
        return
    doubtful = images.ambiguous(judged)
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
    handed_on = int((shown["answer"] == decisions.unknown_label(judged.rule.classes)).sum())
    st.caption(
        f"{len(shown):,} mistakes{f', {handed_on:,} of them handed on' if handed_on else ''}, those of the "
        "greatest loss first: very sure and wrong is often a wrong label."
    )
    images.draw(judged, shown, key="metrics-mistakes")
