"""Metrics: how good, how sure, at what cost."""

from __future__ import annotations

import streamlit as st

from core import runs
from pages.parts import (
    explain,
    finetune_charts,
    metrics_classes,
    metrics_confusion,
    metrics_figures,
    metrics_seal,
    metrics_verdict,
    run_picker,
)


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
    _draw(run, metrics_figures.of(run, subset))


def _draw(run: runs.Run, figures: dict) -> None:
    metrics_verdict.draw(figures)
    left, right = st.columns(2, gap="large")
    with left:
        metrics_confusion.draw(figures)
    with right:
        metrics_classes.draw(figures)
    history = run.history()
    if history:
        st.subheader("Training curves", anchor=False)
        status = run.status()
        finetune_charts.draw(
            history,
            best_epoch=status.get("best_epoch"),
            metric=run.config().get("metric") or "",
            key="metrics",
        )


page()
