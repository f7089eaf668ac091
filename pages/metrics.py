"""Metrics: how good, how sure, at what cost."""

from __future__ import annotations

import streamlit as st

from pages.parts import explain, run_picker
from pages.parts.metrics import judgement, seal, verdict, views


def page() -> None:
    """One run, judged on one set of images; everything is recomputed from stored logits."""
    explain.header("metrics")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        left, right = st.container(width="stretch"), st.container(width="content")
    with left:
        run = run_picker.pick(purpose="then its figures appear here", key="metrics-run")
    if run is None:
        return
    with right:
        asked = seal.subset(run)
    subset = seal.opened(run, asked)
    if subset is None:
        return
    judged = judgement.read(run, subset)
    metric = verdict.draw(judged)
    views.draw(views.choose(), judged, metric)


page()
