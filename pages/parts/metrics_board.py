"""Every run in one table, sorted by any metric; validation only, tests stay sealed."""

from __future__ import annotations

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
    titles = {run.id: words.title(run) for run in found}
    frame = frame.assign(name=frame["run"].map(titles))
    share = st.column_config.NumberColumn(format="percent")
    plain = st.column_config.NumberColumn(format="%.3f")
    shown = ["name", metric, "low", "high", "backbone", "mode", "weights", "split"]
    rest = [name for name in leaderboard.COLUMNS if name not in shown]
    st.dataframe(
        frame[[*shown, *rest, "n_images", "dataset", "run"]],
        hide_index=True,
        width="stretch",
        key="metrics-board",
        column_config={
            name: plain if name in adviser.PLAIN else share for name in (metric, "low", "high", *rest)
        }
        | {
            metric: st.column_config.NumberColumn(
                adviser.title(metric), format=None if metric in adviser.PLAIN else "percent"
            )
        },
    )
    st.caption(
        "Click a heading to sort by another metric. Intervals that overlap do not say that runs are equal: "
        "*Compare* asks that, image by image."
    )
