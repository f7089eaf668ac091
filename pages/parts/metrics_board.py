"""Every run in one table, sorted by any metric; validation only, tests stay sealed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.metrics import adviser, leaderboard
from pages.parts import finetune_words as words
from pages.parts import run_picker, state


def draw(metric: str) -> None:
    """The runs of this dataset (or all of them), best first by the headline metric."""
    found = run_picker.finished()
    here = state.current().dataset
    everywhere = st.toggle("Runs of every dataset", key="metrics-board-all")
    if not everywhere:
        found = [run for run in found if run.config().get("dataset") == here]
    frame = leaderboard.table(found, metric=metric)
    if frame.empty:
        st.info("No run of this dataset has validation figures yet.")
        return
    titles = words.titles(found)
    frame = frame.assign(name=frame["run"].map(titles))
    shown = ["name", metric, "low", "high", "backbone", "mode", "weights", "split"]
    rest = [name for name in leaderboard.COLUMNS if name not in shown]
    st.dataframe(
        frame[[*shown, *rest, "n_images", "dataset", "run"]],
        hide_index=True,
        width="stretch",
        key="metrics-board",
        column_config={name: _column(name, name) for name in (metric, *rest)}
        | {"low": _column("95 % from", metric), "high": _column("to", metric), "name": "Run", "run": "Id"}
        | {name: name.capitalize() for name in ("backbone", "mode", "weights", "split", "dataset")}
        | {"n_images": "Images judged"},
    )
    st.caption(
        "Click a heading to sort by another metric. Intervals that overlap do not say that runs are equal: "
        "*Compare* asks that, image by image."
    )


def _column(heading: str, metric: str) -> Any:
    """A column in the metric's own unit."""
    unit = "%.3f" if metric in adviser.PLAIN else "percent"
    return st.column_config.NumberColumn(adviser.title(heading), format=unit)
