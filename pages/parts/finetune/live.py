"""One run, watched while it lives: progress, curves, warnings, and what can be done with it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import errors, runs
from core.training import jobs, notes
from pages.parts import nav, states, words
from pages.parts.finetune import charts, given, manage, progress, scores, watch

POLL_SECONDS = 1.0
_PROBLEM = "finetune-problem"
GOES_ON = "You can close this page: the run goes on without it."
INTERRUPTED = (
    "The worker of this run is gone: it was killed, or the machine went down. Resume goes on from its last "
    "whole epoch, to the same result as an unbroken run."
)


def draw(run: runs.Run) -> None:
    """Follow `run` for as long as it lives; every browser reads the same files."""
    alive = run.state() in states.ALIVE
    st.fragment(_view, run_every=POLL_SECONDS if alive else None)(run, alive)


def _view(run: runs.Run, was_alive: bool) -> None:
    status, config = run.status(), run.config()
    if (status["state"] in states.ALIVE) != was_alive:
        st.rerun()  # once, so that polling stops or begins and the rest of the page learns of it
    history = run.history()
    with st.container(border=True, key="finetune-live"):
        _head(run, config, status)
        _message(run, status)
        running = status["state"] == "running"
        if running:
            progress.bar(status)
            progress.within(status, alone=not history)
        if history:
            progress.tiles(status, config, history)
            _look(run, status, config, history)
        elif running:
            progress.beginning(status, quick=config["mode"] == "quick")
    given.draw(run, config, status)


def _head(run: runs.Run, config: dict[str, Any], status: dict[str, Any]) -> None:
    left, right = st.columns([3, 2], vertical_alignment="top")
    with left, st.container(gap=None):
        st.markdown(f"### {words.plain(words.title(run, config))} {states.badge(status['state'])}")
        facts = [
            run.dataset() or config["dataset"],
            config["split"],
            words.model(config, status),
            words.ago(config["created"]),
        ]
        st.caption(" · ".join(facts))
        said = notes.read(run, config)
        if said.tags or said.note:
            tags = " ".join(f":gray-badge[{words.plain(tag)}]" for tag in said.tags)
            st.markdown(f"{tags} {words.plain(said.note)}")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        _actions(run, status["state"], status.get("error") or "")


def _actions(run: runs.Run, state: str, error: str) -> None:
    if state == "running":
        _act("Pause", "pause", jobs.pause, run)
    if state in states.ALIVE:
        _act("Cancel", "stop_circle", jobs.cancel, run)
    if state == "prepared":
        _act("Start", "play_arrow", jobs.resume, run, primary=True)
    in_images = state == "failed" and words.lies_in_images(error)
    if in_images and st.button(
        "Dataset → Manage", key="finetune-to-manage", type="primary", icon=":material/build:"
    ):
        nav.go("dataset", view="Manage")
    if state in ("paused", "cancelled", "interrupted", "failed"):
        _act("Resume", "play_arrow", jobs.resume, run, primary=not in_images)
    if state == "finished":
        nav.button("metrics", "Metrics", key="finetune-to-metrics", run=run.id)
        nav.button("classify", "Classify", key="finetune-to-classify", run=run.id, primary=False)
    manage.menu(run, state)


def _act(label: str, icon: str, action: Any, run: runs.Run, *, primary: bool = False) -> None:
    def do() -> None:
        try:
            action(run.id)
        except errors.FieldguideError as error:
            st.session_state[_PROBLEM] = str(error)

    kind = "primary" if primary else "secondary"
    st.button(label, key=f"finetune-{label.lower()}", icon=f":material/{icon}:", type=kind, on_click=do)


def _message(run: runs.Run, status: dict[str, Any]) -> None:
    """What the person should know first: what went wrong, or what is being waited for."""
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(problem, icon=":material/error:")
    if status["state"] == "failed":
        st.error(
            status.get("error") or "The worker ended without a word; its log is below.",
            icon=":material/error:",
        )
    elif status["state"] == "interrupted":
        st.warning(INTERRUPTED, icon=":material/power_off:")
    elif status["state"] == "queued":
        st.info(f"{status.get('message') or 'Starting'}. {GOES_ON}", icon=":material/schedule:")
    for sentence in status.get("advice") or []:
        st.warning(sentence, icon=":material/lightbulb:")
    for sentence in status.get("notes") or []:
        st.caption(f":material/info: {words.plain(sentence)}")


def _look(run: runs.Run, status: dict[str, Any], config: dict[str, Any], history: charts.History) -> None:
    """Curves, answers or the confusion matrix: one at a time; a quick run has no curves."""
    views = [name for name in watch.VIEWS if watch.has(name, history, config)]
    view = views[0] if views else None
    if len(views) > 1:
        view = st.segmented_control(
            "Look at",
            views,
            format_func=watch.VIEWS.get,
            default=view,
            required=True,
            key=f"finetune-look-{config['mode']}",
            label_visibility="collapsed",
        )
    if view == "curves":
        charts.draw(history, best_epoch=status.get("best_epoch"), metric=scores.chosen_metric(config))
        charts.rates(config, status)
    elif view == "samples":
        watch.samples(run, history)
    elif view == "confusion":
        watch.confusion(run, history)
