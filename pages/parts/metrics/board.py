"""Every run in one table, sorted by any metric; validation only, tests stay sealed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core import runs
from core.metrics import adviser, decisions, leaderboard, views
from core.metrics.report import cells
from pages.parts import caches, percents, run_picker, state, words


def draw(run: runs.Run, metric: str) -> None:
    """The runs of this dataset (or all of them), best first by the headline metric; billed alike.

    All are billed by the costs of `run`, the one on the page.
    """
    found = run_picker.finished()
    here = state.current().dataset
    everywhere = st.toggle("Runs of every dataset", key="metrics-board-all")
    if not everywhere:
        found = [run for run in found if run.dataset() == here]
    frame = _table(found, metric, decisions.load(run))
    if frame.empty:
        st.info("No run of this dataset has validation figures yet.")
        return
    titles = words.titles(found)
    frame = frame.assign(name=frame["run"].map(titles))
    frame["between"] = [_between(metric, *pair) for pair in zip(frame["low"], frame["high"], strict=True)]
    shown = ["name", metric, "between", "backbone", "mode", "weights", "split"]
    rest = [name for name in leaderboard.COLUMNS if name not in shown]
    shares = [name for name in (metric, *rest) if name not in adviser.PLAIN]
    event = st.dataframe(
        percents.scaled(frame, shares)[[*shown, *rest, "n_images", "dataset", "run"]],
        hide_index=True,
        width="stretch",
        key=f"metrics-board-{run.id}",  # a new run on the page: no row is marked
        on_select="rerun",
        selection_mode="single-row",
        column_config={name: _column(name, name) for name in (metric, *rest)}
        | {"between": "95 %", "name": "Run", "run": "Id"}
        | {name: name.capitalize() for name in ("backbone", "mode", "weights", "split", "dataset")}
        | {"n_images": "Images judged"},
    )
    if event.selection.rows:
        state.choose(run=frame["run"].iloc[event.selection.rows[0]])
        st.rerun()
    st.caption(
        "Scores are those of the most probable class. *Expected cost* is that of each run's own answers by "
        "the costs of the run chosen above; it is empty for other classes, and for a run that hands images "
        "on at no price."
    )
    st.caption(
        "Mark a row to open that run here, click a heading to sort by another metric. Intervals that "
        "overlap do not say that runs are equal: *Compare* asks that, image by image."
    )


def _between(metric: str, low: float, high: float) -> str:
    """The interval of the headline metric as text; empty where there is none."""
    if pd.isna(low):
        return ""
    return cells.span(metric, [low, high]) if metric in adviser.PLAIN else views.between([low, high])


def _table(found: list[runs.Run], metric: str, judge: decisions.Decision) -> pd.DataFrame:
    files = [one.folder / name for one in found for name in ("predictions.parquet", decisions.FILE)]
    return _computed(tuple(one.id for one in found), metric, judge.key, caches.stamp(*files), judge)


@st.cache_data(max_entries=16, show_spinner="Judging every run …")
def _computed(
    ids: tuple[str, ...], metric: str, judge_key: str, key: caches.Stamp, _judge: decisions.Decision
) -> pd.DataFrame:
    return leaderboard.table([runs.load(run_id) for run_id in ids], metric=metric, judge=_judge)


def _column(heading: str, metric: str) -> Any:
    """A column in the metric's own unit."""
    if metric not in adviser.PLAIN:
        return percents.column(adviser.title(heading))
    return st.column_config.NumberColumn(adviser.title(heading), format="%.3f")
