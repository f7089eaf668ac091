"""The views of the Metrics page: which there are, and what each draws."""

from __future__ import annotations

import streamlit as st

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
    metrics_judged,
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
    "costs": "Costs",
    "people": "For stakeholders",
    "compare": "Compare",
    "runs": "All runs",
    "take": "Take away",
}


_NARROW = """<style>
@media (max-width: 640px) {
  .st-key-metrics-view [role="radiogroup"] { flex-wrap: nowrap; overflow-x: auto; }
  .st-key-metrics-view [role="radiogroup"] > * { flex: 0 0 auto; max-width: none; }
}
</style>"""


def choose() -> str:
    """Which view the person wants; on a narrow screen the row of them is one that slides."""
    st.html(_NARROW)
    return st.segmented_control(
        "View",
        list(VIEWS),
        format_func=VIEWS.get,
        default="overview",
        required=True,
        key="metrics-view",
        label_visibility="collapsed",
        persist_state="session",
    )


def draw(view: str, judged: metrics_judged.Judged, metric: str) -> None:
    """Only the chosen view is computed. Rules, comparisons and ranks see validation, whatever is chosen."""
    run = judged.run
    if view == "overview":
        _overview(judged)
    elif view == "mistakes":
        metrics_mistakes.draw(judged)
    elif view == "curves":
        metrics_curves.draw(judged)
    elif view == "slices":
        metrics_slices.draw(judged)
    elif view == "costs":
        metrics_decide.draw(run, metrics_figures.of(run, "validation"))
    elif view == "people":
        metrics_people.draw(judged)
    elif view == "compare":
        metrics_compare.draw(run, metric)
    elif view == "runs":
        metrics_board.draw(run, metric)
    else:
        metrics_take.draw(judged, metric)


def _overview(judged: metrics_judged.Judged) -> None:
    figures = judged.figures
    left, right = st.columns(2, gap="large")
    with left:
        metrics_confusion.draw(judged.run.id, figures)
    with right:
        metrics_confusion.worst_pairs(figures)
    metrics_chosen.draw(judged)
    metrics_classes.draw(figures)
    metrics_scores.draw(figures)
    history = judged.run.history()
    if len(history) > 1:  # quick mode has one epoch, and no curve
        st.subheader("Training curves", anchor=False)
        best, metric = judged.run.status().get("best_epoch"), judged.run.config().get("metric") or ""
        finetune_charts.draw(history, best_epoch=best, metric=metric, key="metrics")
