"""The verdict: in plain words first, then the figures that count, each with how sure it is."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from core.metrics import adviser, verdict, views
from core.metrics import words as figures_in_words
from core.metrics.report import sections
from pages.parts import finetune_words as plain
from pages.parts import metrics_headline

LOOK = {
    "good": ("green", ":material/check_circle:"),
    "bad": ("red", ":material/error:"),
    "unsure": ("orange", ":material/help:"),
    "note": ("gray", ":material/info:"),
}
TILES = ("accuracy", "balanced_accuracy", "macro_f1")


def draw(run: runs.Run, figures: dict[str, Any]) -> str:
    """The headline metric, what it is worth, and the other figures of the whole; returns the metric."""
    metric = metrics_headline.choose(run, figures)
    said = verdict.verdict(figures, metric)
    right = f"Right on **{figures_in_words.percent(figures['accuracy'])}** of {figures['n_images']:,}"
    lines = [f"{right} {figures['subset']} images."]
    lines += [f":{LOOK[one.tone][0]}[{LOOK[one.tone][1]}] {plain.plain(one.text)}" for one in said]
    with st.container(border=True, key="metrics-verdict", gap="small"):
        for line in lines:
            st.markdown(line)
    with st.grid(4, min_column_width=170):
        for name in dict.fromkeys((metric, *TILES)):
            _tile(figures, name)
        _cost(figures)
    return metric


def _tile(figures: dict[str, Any], name: str) -> None:
    value, between = adviser.value_of(figures, name)
    note = views.SCORES.get(name, (None, None))[1]
    has_interval = between is not None or name in figures["intervals"]
    st.metric(
        adviser.title(name),
        sections.number(name, value),
        border=True,
        help=note,
        height="stretch",
        delta=f"95 %: {sections.span(name, between)}" if has_interval else None,
        delta_color="off",
        delta_arrow="off",
    )


def _cost(figures: dict[str, Any]) -> None:
    st.metric(
        "Costs per 1,000",
        f"{figures['expected_cost']:,.1f}",
        border=True,
        height="stretch",
        help="What the mistakes of 1,000 such images cost; 1 for each unless you say otherwise.",
        delta=figures["decision"]["words"],
        delta_color="off",
        delta_arrow="off",
    )
