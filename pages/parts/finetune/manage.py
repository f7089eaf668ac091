"""What can be done with a run beside watching it: build on it, name it, put it away, delete it."""

from __future__ import annotations

import dataclasses

import streamlit as st

from core import errors, runs
from core.training import config as configs
from core.training import jobs, notes
from pages.parts import problems, state, states, words
from pages.parts.finetune import settings

_ASKED = "finetune-asked"  # (what, run id): a dialog that the next script run opens

ACTIONS = {
    "longer": ":material/more_time: Train longer",
    "from": ":material/fork_right: Start a new run from it",
    "again": ":material/content_copy: Duplicate with changes",
    "describe": ":material/label: Name, tags, note",
    "archive": ":material/archive: Archive",
    "unarchive": ":material/unarchive: Take out of the archive",
    "delete": ":material/delete: Delete",
}


def menu(run: runs.Run, run_state: str) -> None:
    """The menu; a dialog is left to `dialogs`, because a polled fragment would close it again."""
    archived = notes.read(run).archived
    offered = ["longer", "from"] if run_state == "finished" else []
    offered += ["again", "describe", "unarchive" if archived else "archive"]
    offered += [] if run_state in states.ALIVE else ["delete"]
    chosen = st.menu_button("More", offered, format_func=ACTIONS.get, key="finetune-more")
    if chosen:
        _begin(chosen, run)
        st.rerun()


def dialogs() -> None:
    """Open the dialog that was asked for in the menu, once."""
    what, run_id = st.session_state.pop(_ASKED, (None, None))
    if what:
        {"longer": _longer, "describe": _describe, "delete": _delete}[what](runs.load(run_id))


def _begin(what: str, run: runs.Run) -> None:
    """Do at once what needs no question, else leave the question for the next script run."""
    if what in ("archive", "unarchive"):
        notes.write(run, dataclasses.replace(notes.read(run), archived=what == "archive"))
    elif what == "again":
        prefill(jobs.again(run.id))
    elif what == "from":
        prefill(dataclasses.replace(jobs.again(run.id), start_from=run.id, mode="full"))
    else:
        st.session_state[_ASKED] = (what, run.id)


def prefill(config: configs.TrainingConfig) -> None:
    """Put the settings of `config` into the form for a new run, and turn to it."""
    settings.fill(config)
    state.choose(dataset=config.dataset, split=config.split)
    st.session_state["finetune-turn"] = "new"


@st.dialog("Train longer", icon=":material/more_time:")
def _longer(run: runs.Run) -> None:
    st.markdown(
        f"A new run goes on from the best weights of **{words.plain(words.title(run))}**, on the same images."
    )
    epochs = st.number_input("More epochs", 1, 1000, value=5, key="finetune-longer-epochs")
    if st.button("Start", type="primary", key="finetune-longer-start"):
        try:
            state.choose(run=jobs.launch(jobs.longer(run.id, epochs)).id)
        except errors.FieldguideError as error:
            problems.show(error)
            return
        st.rerun()


@st.dialog("Name, tags, note", icon=":material/label:")
def _describe(run: runs.Run) -> None:
    said = notes.read(run)
    name = st.text_input("Name", said.name, placeholder=words.title(run), max_chars=notes.LONGEST_NAME)
    tags = st.multiselect("Tags", list(said.tags), default=list(said.tags), accept_new_options=True)
    note = st.text_area("Note", said.note, max_chars=notes.LONGEST_NOTE)
    if st.button("Save", type="primary", key="finetune-describe-save"):
        try:
            notes.write(run, dataclasses.replace(said, name=name, tags=tuple(tags), note=note))
        except errors.FieldguideError as error:
            problems.show(error)
            return
        st.rerun()


@st.dialog("Delete this run?", icon=":material/delete:")
def _delete(run: runs.Run) -> None:
    held = words.size(notes.bytes_held(run))
    st.markdown(
        f"**{words.plain(words.title(run))}** with its weights, figures and answers: {held} on the disk. "
        "This cannot be undone. The images and the split stay."
    )
    with st.container(horizontal=True):
        if st.button(f"Delete {held}", type="primary", key="finetune-delete-yes"):
            try:
                runs.delete(run.id)
            except errors.FieldguideError as error:
                problems.show(error)
                return
            st.rerun()
        if st.button("Keep it", key="finetune-delete-no"):
            st.rerun()
