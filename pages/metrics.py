"""Metrics: how good, how sure, at what cost."""

from __future__ import annotations

import streamlit as st

from pages.parts import explain, metrics_figures, metrics_seal, metrics_verdict, metrics_views, run_picker


def page() -> None:
    """One run, judged on one subset; everything is recomputed from its stored logits."""
    explain.header("metrics")
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        run = run_picker.pick(purpose="then its figures appear here", key="metrics-run")
    if run is None:
        return
    with right:
        subset = metrics_seal.subset()
    if subset == "test" and not metrics_seal.opened(run):
        return
    figures = metrics_figures.of(run, subset)
    metric = metrics_verdict.draw(run, figures)
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
    metrics_views.draw(view, run, subset, figures, metric)


page()
