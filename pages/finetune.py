"""Finetune: configure, launch, watch, stop, resume."""

from __future__ import annotations

import streamlit as st

from core import runs
from pages.parts import caches, empty, explain, state, states
from pages.parts.finetune import damaged, live, manage, run_list, start

VIEWS = {"new": ":material/add_circle: New run", "runs": ":material/stacked_line_chart: Runs"}


def page() -> None:
    """Either a new run, or the chosen one with the list of all."""
    explain.header("finetune")
    damaged.draw()
    chosen = state.current()
    everything = runs.all_runs()
    if not everything or _view(chosen, everything) == "new":
        _new(chosen)
        return
    manage.dialogs()
    shown = runs.load(chosen.run) if chosen.run else everything[0]
    live.draw(shown)
    st.subheader("All runs", anchor=False)
    run_list.draw(shown.id)


def _view(chosen: state.Chosen, everything: list[runs.Run]) -> str:
    """Which half of the page; at first the runs, unless this split has none and nothing is going on."""
    turned = st.session_state.pop("finetune-turn", None)  # by a launch or a menu, after the switch was drawn
    if turned:
        st.session_state["finetune-view"] = turned
    elif "finetune-view" not in st.session_state:
        mine = chosen.run and runs.load(chosen.run).config().get("split") == chosen.split
        alive = any(run.state() in states.ALIVE for run in everything[:20])
        st.session_state["finetune-view"] = "runs" if mine or alive or not chosen.split else "new"
    return st.segmented_control(
        "View",
        list(VIEWS),
        format_func=VIEWS.get,
        required=True,
        key="finetune-view",
        label_visibility="collapsed",
        persist_state="session",
    )


def _new(chosen: state.Chosen) -> None:
    """The card that starts a run, or what has to come before it."""
    if not chosen.dataset:
        empty.draw("First some images", "dataset", "Go to Dataset")
    elif not chosen.split:
        empty.draw("First a split: who trains, who judges", "split", "Go to Split")
    else:
        start.draw(caches.split(chosen.split))


page()
