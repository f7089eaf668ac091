"""The list of all runs: state, progress or result, and a way into each."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from core.training import notes
from pages.parts import gallery, state, states, words
from pages.parts.finetune import scores

PER_PAGE = 8
SEARCH_FROM = 6
POLL_SECONDS, IDLE_SECONDS = 2.0, 10.0


_WHOLE_ROW = """<style>
[class*="st-key-finetune-row-"] { position: relative; }
[class*="st-key-finetune-row-"]:has([class*="st-key-finetune-open-"] button:not(:disabled)):hover {
  border-color: var(--fg-primary); }
[class*="st-key-finetune-open-"] button:not(:disabled)::after { content: ""; position: absolute; inset: 0; }
[class*="st-key-finetune-row-"] [class*="st-key-finetune-open-"],
[class*="st-key-finetune-open-"] button { position: static; }
</style>"""
"""The row's button takes a click anywhere in it."""


def draw(shown: str, *, per_page: int = PER_PAGE) -> None:
    """The runs of the chosen dataset, newest first, or all of the workspace; follows what is alive.

    `shown` is the run that the page shows above.
    """
    everything = runs.all_runs()
    alive = any(run.state() in states.ALIVE for run in everything[: per_page * 2])
    st.fragment(_rows, run_every=POLL_SECONDS if alive else IDLE_SECONDS)(shown, per_page)


def _rows(shown: str, per_page: int) -> None:
    found = _found(_here(runs.all_runs(), shown))
    if not found:
        asked = st.session_state.get("finetune-find")
        st.caption("No run is called that." if asked else "All runs here are archived.")
    place = st.container(gap="xsmall")
    on_page = gallery.paged(found, key="finetune-runs-page", per_page=per_page)
    titles = words.titles(found)
    with place:
        st.html(_WHOLE_ROW)
        for run in on_page:
            _row(run, titles[run.id], shown)


def _here(everything: list[runs.Run], shown: str) -> list[runs.Run]:
    """The runs of the dataset of the run that is shown, with a switch for all where there are others."""
    dataset = next((_dataset(run) for run in everything if run.id == shown), None)
    here = [run for run in everything if _dataset(run) == dataset]
    if len(here) == len(everything):
        return everything
    wide = st.toggle(f"Runs of every dataset ({len(everything)})", key="finetune-everywhere")
    return everything if wide else here


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
        [words.title(run, config), *said.tags, said.note, _dataset(run), config["backbone"]]
    ).casefold()


def _dataset(run: runs.Run) -> str:
    """What its dataset is called today; where that is gone, what it was called then."""
    return run.dataset() or run.config()["dataset"]


def _row(run: runs.Run, title: str, shown: str) -> None:
    config, status = run.config(), run.status()
    chosen = shown == run.id
    with st.container(border=True, key=f"finetune-row-{run.id}"):
        name, rest = st.columns([6, 3], vertical_alignment="center")
        with name, st.container(gap=None):
            tags = " ".join(f":gray-badge[{words.plain(tag)}]" for tag in notes.read(run, config).tags)
            st.markdown(f"**{words.plain(title)}** {states.badge(status['state'])} {tags}")
            st.caption(_facts(run, config, status))
        with rest, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            with st.container(width="stretch"):
                _outcome(run, config, status)
            label = "Shown" if chosen else "Open"
            if st.button(label, key=f"finetune-open-{run.id}", disabled=chosen, width=92):
                state.choose(run=run.id)
                st.rerun()  # all of the page, not only this polled list


def _brief(status: dict[str, Any]) -> str:
    """What a running worker does, short enough for a list."""
    if status.get("epoch") and status.get("epochs"):
        return f"Epoch {status['epoch']} of {status['epochs']}"
    return str(status.get("message") or "Starting").split(":")[0]


def _facts(run: runs.Run, config: dict[str, Any], status: dict[str, Any]) -> str:
    parts = [_dataset(run), "quick" if config["mode"] == "quick" else "full", words.model(config, status)]
    return " · ".join([*parts, words.ago(config["created"])])


def _outcome(run: runs.Run, config: dict[str, Any], status: dict[str, Any]) -> None:
    """Progress while it is alive, afterwards the best epoch's value of the metric that chose it."""
    if status["state"] == "running":
        st.progress(words.fraction(status), text=_brief(status))
        return
    history = run.history()
    if history:
        metric = scores.chosen_metric(config)
        value = scores.figure(metric, scores.best(status, history).get(f"validation_{metric}"))
        named = "validation" if metric == "accuracy" else f"validation {scores.METRICS[metric]}"
        st.markdown(f"**{value}** :gray[{named}]")
