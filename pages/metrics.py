"""Metrics: how good, how sure, at what cost."""

from __future__ import annotations

import streamlit as st

from pages.parts import explain, metrics_judged, metrics_seal, metrics_verdict, metrics_views, run_picker


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
        asked = metrics_seal.subset(run)
    subset = metrics_seal.opened(run, asked)
    if subset is None:
        return
    judged = metrics_judged.read(run, subset)
    metric = metrics_verdict.draw(judged)
    metrics_views.draw(metrics_views.choose(), judged, metric)


page()
