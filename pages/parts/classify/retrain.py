"""After corrections: divide anew the same way and train again like this run, in one step."""

from __future__ import annotations

import streamlit as st

from core import errors, runs
from core.training import retraining
from pages.parts import caches, nav, problems, words
from pages.parts.classify import correct


def draw(run: runs.Run) -> None:
    """Offered once the dataset has changed since the run; says what would come of it before it is done."""
    plan = _plan(run)
    if plan is None or not plan.changes:
        return
    with st.container(border=True, key="classify-retrain"):
        mine = bool(correct.corrected(plan.dataset))
        title = "Teach it what you corrected" if mine else "Train again on what has changed"
        st.markdown(f"#### :material/model_training: {title}")
        st.markdown(consequences(run, plan))
        if st.button(
            "Split anew and train again",
            key="classify-retrain-go",
            type="primary" if mine else "secondary",
            icon=":material/play_arrow:",
        ):
            _go(run)


def consequences(run: runs.Run, plan: retraining.Plan) -> str:
    """What the button does, in a few sentences."""
    changes = [
        f"{count:,} {what}"
        for count, what in (
            (plan.new, "new"),
            (plan.relabelled, "with another label"),
            (plan.gone, "left out"),
        )
        if count
    ]
    seconds = run.status().get("seconds")
    took = f"It takes about as long as this one did, {words.duration(seconds)}." if seconds else ""
    judges = (
        f"The {plan.test:,} images that were test stay test, so that the two runs can be compared; new ones "
        "are divided as before, and one that is a near-copy of an earlier image goes where that one is."
        if plan.test
        else "Every image stays in its subset, and new ones are divided as before. There was no test image."
    )
    return (
        f"The dataset {words.plain(plan.dataset)} has changed since this run: {', '.join(changes)}. One step "
        f"makes a new split, *{words.plain(plan.split)}*, and starts a new run with this run's settings. "
        f"{took} {judges} This run and its split stay as they are."
    )


def _plan(run: runs.Run) -> retraining.Plan | None:
    name = run.dataset()
    if name is None:
        return None
    try:
        return _counted(run.id, caches.dataset(name).version, run.config()["split"])
    except errors.FieldguideError:
        return None  # nothing to offer; Dataset and Finetune say what is wrong with it


@st.cache_data(max_entries=50, ttl=60, show_spinner=False)
def _counted(run_id: str, version: int, split: str) -> retraining.Plan:
    return retraining.plan(run_id)


def _go(run: runs.Run) -> None:
    try:
        with st.spinner("Dividing, and starting the run …"):
            made = retraining.carry_out(run.id)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    nav.go("finetune", run=made.id)
