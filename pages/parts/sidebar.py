"""The sidebar under the menu: the one place where dataset, split and run are chosen."""

from __future__ import annotations

import streamlit as st

from core import errors, runs
from core.data import datasets
from core.split import store as splits
from pages.parts import explain, finetune_words, state

_LABELS = {"dataset": "Dataset", "split": "Split", "run": "Run"}


def draw() -> None:
    """The three choices, as far as there is something to choose, and the switch for explanations."""
    chosen = state.current()
    options = {"dataset": datasets.names(), "split": [], "run": _runs_of(chosen)}
    if chosen.dataset:
        options["split"] = splits.names(chosen.dataset)
    with st.sidebar:
        if any(options.values()):
            st.caption("Working on")
        for kind, names in options.items():
            if names:
                _choice(kind, names, getattr(chosen, kind))
        explain.switch()


def _runs_of(chosen: state.Chosen) -> list[str]:
    """Ids of the runs on the chosen dataset, newest first."""
    return [
        run.id
        for run in runs.all_runs()
        if run.id == chosen.run or not chosen.dataset or run.config().get("dataset") == chosen.dataset
    ]


def _choice(kind: str, names: list[str], value: str | None) -> None:
    key = f"choose-{kind}"
    st.session_state[key] = value if value in names else None
    shown = _run_title if kind == "run" else str
    st.selectbox(
        _LABELS[kind],
        names,
        key=key,
        format_func=shown,
        on_change=_chosen,
        args=(kind,),
        placeholder="None yet",
    )


def _run_title(run_id: str) -> str:
    """What a run is called; its id where it was deleted a moment ago."""
    try:
        return finetune_words.title(runs.load(run_id))
    except errors.NotFoundError:
        return run_id


def _chosen(kind: str) -> None:
    name = st.session_state[f"choose-{kind}"]
    if name:
        state.choose(**{kind: name})
