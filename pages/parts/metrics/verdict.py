"""The verdict: in plain words first, then the figures that count, each with how sure it is."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from core.metrics import adviser, decisions, previous, ruled, verdict, views
from core.metrics import words as figures_in_words
from core.metrics.report import cells
from pages.parts import caches
from pages.parts import words as plain
from pages.parts.metrics import headline, judgement

LOOK = {
    "good": ("green", ":material/check_circle:"),
    "bad": ("red", ":material/error:"),
    "unsure": ("orange", ":material/help:"),
    "note": ("gray", ":material/info:"),
}
TILES = ("accuracy", "balanced_accuracy", "macro_f1")


def draw(judged: judgement.Judged) -> str:
    """The headline metric, what it is worth, and the other figures of the whole; returns the metric."""
    figures = judged.figures
    with st.container(border=True, horizontal=True, key="metrics-verdict", gap="medium"):
        left, right = st.container(width="stretch", gap="small"), st.container(width=230, gap="xsmall")
    with right:
        metric = headline.choose(judged.run, figures)
    said = verdict.verdict(figures, metric)
    if judged.subset == "validation":
        said += previous.sentence(_previous(judged.run, metric))
    lines = [_right(judged, metric)]
    lines += [f":{LOOK[one.tone][0]}[{LOOK[one.tone][1]}] {plain.plain(one.text)}" for one in said]
    for line in lines:
        left.markdown(line)
    priced = decisions.load(judged.run).priced and metric != "expected_cost"
    with st.grid(4 if priced else 3, min_column_width=170):
        for name in list(dict.fromkeys((metric, *TILES)))[:3]:
            _tile(figures, name)
        if priced:
            _cost(figures)
    return metric


def _right(judged: judgement.Judged, metric: str) -> str:
    """The headline figure, how many answers are right, and of how many images there is an answer."""
    value, _ = adviser.value_of(judged.figures, metric)
    first = f"{plain.plain(adviser.title(metric))} **{cells.number(metric, value)}**. "
    return ("" if metric == "accuracy" else first) + _answered(judged)


def _answered(judged: judgement.Judged) -> str:
    figures, percent = judged.figures, figures_in_words.percent
    images = figures_in_words.images(judged.subset, figures["n_images"])
    found = judged.kept["under_decision"]
    if found["coverage"] < 1 and len(ruled.answer_names(figures)) > len(figures["classes"]):
        right = "none" if found["accuracy"] is None else percent(found["accuracy"])
        return f"Answers **{percent(found['coverage'])}** of {images}, and is right on **{right}** of those."
    return f"Right on **{percent(figures['accuracy'])}** of {images}."


def _previous(run: runs.Run, metric: str) -> dict[str, Any] | None:
    """This run against the one before it; asked again when predictions change or runs come and go."""
    other = previous.find(run)
    files = [one.folder / "predictions.parquet" for one in (run, other) if one]
    return _compared(run.id, metric, caches.stamp(*files)) if other else None


@st.cache_data(max_entries=64, show_spinner=False)
def _compared(run_id: str, metric: str, key: caches.Stamp) -> dict[str, Any] | None:
    return previous.compared(runs.load(run_id), metric)


def _tile(figures: dict[str, Any], name: str) -> None:
    if name == "expected_cost":
        _cost(figures)
        return
    value, between = adviser.value_of(figures, name)
    note = views.SCORES.get(name, (None, None))[1]
    has_interval = between is not None or name in figures["intervals"]
    st.metric(
        adviser.title(name),
        cells.number(name, value),
        border=True,
        help=note,
        height="stretch",
        delta=f"95 %: {cells.span(name, between)}" if has_interval else None,
        delta_color="off",
        delta_arrow="off",
    )


def _cost(figures: dict[str, Any]) -> None:
    priced = figures["cost_basis"] == "all"
    st.metric(
        "Costs per 1,000" if priced else "Cost/1,000 answered",
        cells.number("expected_cost", figures["expected_cost"], digits=1),
        border=True,
        height="stretch",
        help="What the mistakes of 1,000 such images cost; 1 for each unless you say otherwise."
        + ("" if priced else " Handing an image on has no price here, so that only answered ones count."),
        delta=f"95 %: {cells.span('expected_cost', figures['intervals']['expected_cost'], digits=1)}",
        delta_color="off",
        delta_arrow="off",
    )
