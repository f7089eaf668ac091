"""Choosing one of the runs that can be asked something: the same on Metrics and on Classify."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import runs
from core.training import notes
from pages.parts import empty, state, states, words


def pick(*, purpose: str, key: str) -> runs.Run | None:
    """Let the person choose a run that has an answer to give; None if there is none, which is then said.

    It is of the chosen dataset, whose runs come first. `purpose` completes "Finish a finetuning first, ...".
    """
    ready = finished()
    chosen = state.current()
    dataset = chosen.dataset or (runs.load(chosen.run).config()["dataset"] if chosen.run else None)
    mine = [run.id for run in state.runs_of(dataset, ready)]  # a dataset that is gone is known by its name
    by_id = {run.id: run for run in sorted(ready, key=lambda run: run.id not in mine)}
    shown = labels(ready)
    if not mine and chosen.run not in by_id:
        _nothing(chosen, purpose, shown)
        return None
    st.session_state[key] = chosen.run if chosen.run in by_id else mine[0]
    st.selectbox("Run", list(by_id), key=key, format_func=shown.get, on_change=_chosen, args=(key,))
    if chosen.run and chosen.run not in by_id:
        _unready(chosen.run)
    return by_id[st.session_state[key]]


def finished() -> list[runs.Run]:
    """The runs with stored answers, newest first, without those put away (unless one of them is chosen)."""
    chosen = state.current().run
    every = [run for run in runs.all_runs() if (run.folder / "predictions.parquet").exists()]
    return [run for run in every if run.id == chosen or not notes.read(run).archived]


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
    if run_id := st.session_state[key]:
        state.choose(run=run_id)


def _unready(run_id: str) -> None:
    run = runs.load(run_id)
    st.caption(f"The run chosen in the sidebar, {_standing(run)}; this is the newest one with results.")


def _standing(run: runs.Run) -> str:
    return f"*{words.plain(words.title(run))}*, is {states.LOOKS[run.state()].word.lower()}"


def _nothing(chosen: state.Chosen, purpose: str, others: dict[str, str]) -> None:
    """What to do where the chosen dataset has no run with results; runs of others are offered, not taken."""
    empty.draw(f"Finish a finetuning first, {purpose}", "finetune", "Go to Finetune")
    if chosen.run:
        st.caption(f"The chosen run, {_standing(runs.load(chosen.run))}.")
    if not others:
        return
    key = "run-of-another"
    name = words.plain(chosen.dataset or "")
    st.caption(f"No run of **{name}** has results yet. Choosing another dataset's run turns to that dataset.")
    st.selectbox(
        "Run of another dataset",
        list(others),
        index=None,
        placeholder="Choose a run",
        key=key,
        format_func=others.get,
        on_change=_chosen,
        args=(key,),
        width=480,
    )
