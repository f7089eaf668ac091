"""The list of all runs: state, progress or result, and a way into each."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from core.training import notes
from pages.parts import finetune_words as words
from pages.parts import gallery, state

PER_PAGE = 8
SEARCH_FROM = 6
POLL_SECONDS, IDLE_SECONDS = 2.0, 10.0


def draw(*, per_page: int = PER_PAGE) -> None:
    """Every run of the workspace, newest first; follows what is alive."""
    everything = runs.all_runs()
    alive = any(run.state() in words.ALIVE for run in everything[: per_page * 2])
    st.fragment(_rows, run_every=POLL_SECONDS if alive else IDLE_SECONDS)(per_page)


def _rows(per_page: int) -> None:
    found = _found(runs.all_runs())
    if not found:
        st.caption("No run is called that.")
    place = st.container(gap="xsmall")
    shown = gallery.paged(found, key="finetune-runs-page", per_page=per_page)
    with place:
        for run in shown:
            _row(run)


def _found(everything: list[runs.Run]) -> list[runs.Run]:
    """The runs that the person looks for: by a word, and archived ones only when asked for."""
    kept = {run.id: notes.read(run) for run in everything}
    archived = sum(said.archived for said in kept.values())
    word, with_archive = "", False
    if len(everything) > SEARCH_FROM or archived:
        with st.container(horizontal=True, vertical_alignment="center"):
            word = st.text_input(
                "Find",
                key="finetune-find",
                placeholder="Find by name, tag, dataset or model",
                label_visibility="collapsed",
                icon=":material/search:",
            )
            if archived:
                with_archive = st.toggle(f"Archived ({archived})", key="finetune-archived")
    chosen = [run for run in everything if with_archive or not kept[run.id].archived]
    return [run for run in chosen if word.casefold() in _searched(run, kept[run.id])] if word else chosen


def _searched(run: runs.Run, said: notes.Notes) -> str:
    config = run.config()
    return " ".join(
        [words.title(run, config), *said.tags, said.note, config["dataset"], config["backbone"]]
    ).casefold()


def _row(run: runs.Run) -> None:
    config, status = run.config(), run.status()
    chosen = state.current().run == run.id
    with st.container(border=True, key=f"finetune-row-{run.id}"):
        name, rest = st.columns([6, 3], vertical_alignment="center")
        with name, st.container(gap=None):
            tags = " ".join(f":gray-badge[{words.plain(tag)}]" for tag in notes.read(run, config).tags)
            st.markdown(f"**{words.plain(words.title(run, config))}** {words.badge(status['state'])} {tags}")
            st.caption(_facts(config, status))
        with rest, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            with st.container(width="stretch"):
                _outcome(run, status)
            label = "Shown" if chosen else "Open"
            if st.button(label, key=f"finetune-open-{run.id}", disabled=chosen, width=92):
                state.choose(run=run.id)
                st.rerun()  # all of the page, not only this polled list


def _brief(status: dict[str, Any]) -> str:
    """What a running worker does, short enough for a list."""
    if status.get("epoch") and status.get("epochs"):
        return f"Epoch {status['epoch']} of {status['epochs']}"
    return str(status.get("message") or "Starting").split(":")[0]


def _facts(config: dict[str, Any], status: dict[str, Any]) -> str:
    parts = [config["dataset"], "quick" if config["mode"] == "quick" else "full", words.model(config, status)]
    return " · ".join([*parts, words.ago(config["created"])])


def _outcome(run: runs.Run, status: dict[str, Any]) -> None:
    """Progress while it is alive, the best validation accuracy afterwards."""
    if status["state"] == "running":
        st.progress(words.fraction(status), text=_brief(status))
        return
    history = run.history()
    best = max((entry.get("validation_accuracy") or 0.0 for entry in history), default=None)
    if best is not None:
        st.markdown(f"**{words.percent(best)}** :gray[validation]")
