"""The headline: how good, how sure, and beside what."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import finetune_words as words

NOTES = {
    "accuracy": "The share of images whose answer is right.",
    "balanced_accuracy": "The mean recall over the classes: every class counts alike, however rare.",
    "macro_f1": "The mean F1 over the classes: every class counts alike, missed and false alarms both weigh.",
    "weighted_f1": "The mean F1 over the classes, each weighed by how many images it has.",
}


def draw(figures: dict[str, Any]) -> None:
    """The four overall figures, and in words what the first is worth."""
    st.markdown(_sentence(figures))
    with st.grid(4, min_column_width=170):
        _tile("Accuracy", figures, "accuracy", _interval(figures.get("accuracy_interval")))
        _tile("Balanced accuracy", figures, "balanced_accuracy")
        _tile("Macro F1", figures, "macro_f1")
        _tile("Weighted F1", figures, "weighted_f1")


def _tile(label: str, figures: dict[str, Any], name: str, note: str | None = None) -> None:
    st.metric(
        label,
        words.percent(figures.get(name)),
        border=True,
        help=NOTES[name],
        height="stretch",
        delta=note,
        delta_color="off",
        delta_arrow="off",
    )


def _interval(bounds: list[float] | None) -> str | None:
    return f"95 %: {bounds[0]:.0%} to {bounds[1]:.0%}" if bounds else None


def _sentence(figures: dict[str, Any]) -> str:
    accuracy, baseline = figures["accuracy"], figures.get("majority_baseline")
    said = f"Right on **{words.percent(accuracy)}** of {figures['n_images']:,} {figures['subset']} images."
    if baseline is not None:
        said += f" Always saying the largest class would be right on {words.percent(baseline)}."
    return said
