"""The sidebar under the menu: the one place where dataset, split and run are chosen."""

from __future__ import annotations

import streamlit as st

from core import runs
from core.data import datasets
from core.split import store as splits
from pages.parts import explain, state, words

_LABELS = {"dataset": "Dataset", "split": "Split", "run": "Run"}


def draw() -> None:
    """The three choices, as far as there is something to choose, and the switch for explanations."""
    chosen = state.current()
    mine = _runs_of(chosen)
    options = {"dataset": datasets.names(), "split": [], "run": [run.id for run in mine]}
    titles = words.titles(mine)
    if chosen.dataset:
        options["split"] = splits.names(chosen.dataset)
    with st.sidebar:
        if any(options.values()):
            st.caption("Working on")
        for kind, names in options.items():
            if names:
                _choice(kind, names, getattr(chosen, kind), titles)
        explain.switch()


def _runs_of(chosen: state.Chosen) -> list[runs.Run]:
    """The runs of the chosen dataset, and the chosen one, newest first."""
    every = runs.all_runs()
    if not chosen.dataset:
        return every
    ids = {chosen.run, *(run.id for run in state.runs_of(chosen.dataset, every))}
    return [run for run in every if run.id in ids]


def _choice(kind: str, names: list[str], value: str | None, titles: dict[str, str]) -> None:
    """A menu; runs are shown by their `titles`."""
    key = f"choose-{kind}"
    st.session_state[key] = value if value in names else None
    st.selectbox(
        _LABELS[kind],
        names,
        key=key,
        format_func=lambda name: titles.get(name, name),
        on_change=_chosen,
        args=(kind,),
        placeholder="None yet",
    )


def _chosen(kind: str) -> None:
    name = st.session_state[f"choose-{kind}"]
    if name:
        state.choose(**{kind: name})
