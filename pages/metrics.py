"""Metrics: how good, how sure, at what cost."""

from __future__ import annotations

import streamlit as st

from pages.parts import explain, metrics_judged, metrics_seal, metrics_verdict, metrics_views, run_picker


def page() -> None:
    """One run, judged on one set of images; everything is recomputed from stored logits."""
    explain.header("metrics")
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        run = run_picker.pick(purpose="then its figures appear here", key="metrics-run")
    if run is None:
        return
    with right:
        asked = metrics_seal.subset()
    subset = metrics_seal.opened(run, asked)
    if subset is None:
        return
    judged = metrics_judged.read(run, subset)
    metric = metrics_verdict.draw(judged)
    view = st.segmented_control(
        "View",
        list(metrics_views.VIEWS),
        format_func=metrics_views.VIEWS.get,
        default="overview",
        required=True,
        key="metrics-view",
        label_visibility="collapsed",
        persist_state="session",
    )
    metrics_views.draw(view, judged, metric)


page()
