"""The views of the Metrics page: which there are, and what each draws."""

from __future__ import annotations

import streamlit as st

from pages.parts.finetune import charts
from pages.parts.metrics import (
    board,
    chosen,
    classes,
    compare,
    confusion,
    curves,
    decide,
    judgement,
    mistakes,
    people,
    scores,
    slices,
    stored,
    take,
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


def draw(view: str, judged: judgement.Judged, metric: str) -> None:
    """Only the chosen view is computed. Rules, comparisons and ranks see validation, whatever is chosen."""
    run = judged.run
    if view == "overview":
        _overview(judged)
    elif view == "mistakes":
        mistakes.draw(judged)
    elif view == "curves":
        curves.draw(judged)
    elif view == "slices":
        slices.draw(judged)
    elif view == "costs":
        decide.draw(run, stored.of(run, "validation"))
    elif view == "people":
        people.draw(judged)
    elif view == "compare":
        compare.draw(run, metric)
    elif view == "runs":
        board.draw(run, metric)
    else:
        take.draw(judged, metric)


def _overview(judged: judgement.Judged) -> None:
    figures = judged.figures
    left, right = st.columns(2, gap="large")
    with left:
        confusion.draw(judged.run.id, figures)
    with right:
        confusion.worst_pairs(figures)
    chosen.draw(judged)
    classes.draw(figures)
    scores.draw(figures)
    history = judged.run.history()
    if len(history) > 1:  # quick mode has one epoch, and no curve
        st.subheader("Training curves", anchor=False)
        best, metric = judged.run.status().get("best_epoch"), judged.run.config().get("metric") or ""
        charts.draw(history, best_epoch=best, metric=metric, key="metrics")
