"""The views of the Metrics page: which there are, and what each draws."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from pages.parts import (
    finetune_charts,
    metrics_board,
    metrics_chosen,
    metrics_classes,
    metrics_compare,
    metrics_confusion,
    metrics_curves,
    metrics_decide,
    metrics_figures,
    metrics_mistakes,
    metrics_people,
    metrics_scores,
    metrics_slices,
    metrics_take,
)

VIEWS = {
    "overview": "Overview",
    "mistakes": "Mistakes",
    "curves": "Curves",
    "slices": "Slices",
    "costs": "Costs and decisions",
    "people": "For stakeholders",
    "compare": "Compare",
    "runs": "All runs",
    "take": "Take away",
}


def draw(view: str, run: runs.Run, subset: str, figures: dict[str, Any], metric: str) -> None:
    """Only the chosen view is computed. Rules, comparisons and ranks see validation, whatever is chosen."""
    if view == "overview":
        _overview(run, subset, figures)
    elif view == "mistakes":
        metrics_mistakes.draw(run, subset)
    elif view == "curves":
        metrics_curves.draw(run, subset, figures)
    elif view == "slices":
        metrics_slices.draw(run, subset)
    elif view == "costs":
        metrics_decide.draw(run, metrics_figures.of(run, "validation"))
    elif view == "people":
        metrics_people.draw(run, subset, figures)
    elif view == "compare":
        metrics_compare.draw(run)
    elif view == "runs":
        metrics_board.draw(metric)
    else:
        metrics_take.draw(run, subset, metric)


def _overview(run: runs.Run, subset: str, figures: dict[str, Any]) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        metrics_confusion.draw(run.id, figures)
    with right:
        metrics_confusion.worst_pairs(figures)
    metrics_chosen.draw(run, subset)
    metrics_classes.draw(figures)
    metrics_scores.draw(figures)
    history = run.history()
    if len(history) > 1:  # quick mode has one epoch, and no curve
        st.subheader("Training curves", anchor=False)
        best, metric = run.status().get("best_epoch"), run.config().get("metric") or ""
        finetune_charts.draw(history, best_epoch=best, metric=metric, key="metrics")
