"""Choosing one of the runs that can be asked something: the same on Metrics and on Classify."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import runs
from core.training import notes
from pages.parts import empty, state
from pages.parts import finetune_words as words


def pick(*, purpose: str, key: str) -> runs.Run | None:
    """Let the person choose a run that has an answer to give; None if there is none, which is then said.

    `purpose` completes the sentence "Finish a finetuning first, ...".
    """
    ready = finished()
    if not ready:
        _nothing(purpose)
        return None
    ids = [run.id for run in ready]
    chosen = state.current().run
    st.session_state[key] = chosen if chosen in ids else ids[0]
    by_id = {run.id: run for run in ready}
    shown = labels(ready)
    st.selectbox("Run", ids, key=key, format_func=shown.get, on_change=_chosen, args=(key,))
    if chosen and chosen not in ids:
        _unready(chosen)
    return by_id[st.session_state[key]]


def finished() -> list[runs.Run]:
    """The runs with stored answers, newest first, without those put away."""
    every = [run for run in runs.all_runs() if (run.folder / "predictions.parquet").exists()]
    return [run for run in every if not notes.read(run).archived]


def labels(found: Sequence[runs.Run]) -> dict[str, str]:
    """For each run by its id one line that tells it from the others, and stays the same."""
    titles = words.titles(found)
    configs = {run.id: run.config() for run in found}
    datasets = {run.id: run.dataset() or configs[run.id]["dataset"] for run in found}
    return {
        run_id: f"{title} · {datasets[run_id]} · {words.backbone(configs[run_id]['backbone'])}"
        for run_id, title in titles.items()
    }


def _chosen(key: str) -> None:
    state.choose(run=st.session_state[key])


def _unready(run_id: str) -> None:
    run = runs.load(run_id)
    said = words.LOOKS[run.state()].word.lower()
    chosen = words.plain(words.title(run))
    st.caption(f"The run chosen in the sidebar, *{chosen}*, is {said}; this is the newest one with results.")


def _nothing(purpose: str) -> None:
    empty.draw(f"Finish a finetuning first, {purpose}", "finetune", "Go to Finetune")
