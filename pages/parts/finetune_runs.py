"""The list of all runs: state, progress or result, and a way into each."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from pages.parts import finetune_words as words
from pages.parts import state

PER_PAGE = 8
POLL_SECONDS = 2.0


def draw(*, per_page: int = PER_PAGE) -> None:
    """Every run of the workspace, newest first; follows what is alive."""
    everything = runs.all_runs()
    if not everything:
        st.caption("Runs appear here, yours and those of everybody who uses this server.")
        return
    alive = any(run.state() in words.ALIVE for run in everything[: per_page * 2])
    st.fragment(_rows, run_every=POLL_SECONDS if alive else None)(per_page)


def _rows(per_page: int) -> None:
    found = runs.all_runs()
    pages = -(-len(found) // per_page)
    place = st.container(gap="xsmall")
    number = st.pagination(pages, key="finetune-runs-page") if pages > 1 else 1
    with place:
        for run in found[(number - 1) * per_page : number * per_page]:
            _row(run)


def _row(run: runs.Run) -> None:
    config, status = run.config(), run.status()
    chosen = state.current().run == run.id
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=f"finetune-row-{run.id}"
    ):
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{words.title(run, config)}** {words.badge(status['state'])}")
            st.caption(_facts(config, status))
        with st.container(width=170, gap=None):
            _outcome(run, status)
        icon = ":material/visibility:" if chosen else None
        st.button(
            "Shown" if chosen else "Open",
            key=f"finetune-open-{run.id}",
            icon=icon,
            disabled=chosen,
            on_click=state.choose,
            kwargs={"run": run.id},
            width=96,
        )


def _facts(config: dict[str, Any], status: dict[str, Any]) -> str:
    parts = [config["dataset"], "quick" if config["mode"] == "quick" else "full", words.model(config, status)]
    return " · ".join([*parts, words.ago(config["created"])])


def _outcome(run: runs.Run, status: dict[str, Any]) -> None:
    """Progress while it is alive, the best validation accuracy afterwards."""
    if status["state"] == "running":
        st.progress(
            words.fraction(status), text=f"Epoch {status.get('epoch') or 0} of {status.get('epochs') or '…'}"
        )
        return
    history = run.history()
    best = max((entry.get("validation_accuracy") or 0.0 for entry in history), default=None)
    if best is not None:
        st.markdown(f"**{words.percent(best)}** :gray[validation]")
