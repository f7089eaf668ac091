"""A split to look at: how many images of each class are where, and what that is worth."""

from __future__ import annotations

import streamlit as st

from core import errors, words
from core.split import listed
from core.split import store as splits
from core.training import config as configs
from pages.parts import charts, confirm, nav, problems, state
from pages.parts.finetune import forecast, settings
from pages.parts.split import figures, sureness, views


def preview(split: splits.Split) -> None:
    """What a split would be, before it is made."""
    st.markdown("**So it would be**")
    figures.numbers(split)
    with st.container(border=True):
        st.markdown("**Every class in every subset**")
        charts.subset_bars(split.counts(), split.classes, key="split-preview-bars")
    figures.notes(split)
    figures.copies(split)
    sureness.warning(split)


def saved(split: splits.Split) -> None:
    """A split that was made: its figures, its table, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(split.name, anchor=False, width="stretch")
        nav.button("finetune", "Next: train on this split", key="to-finetune")
    if views.was_made(split.name):
        st.success(
            "The split is made. Next: ask for a **forecast** of how good a model can get and how long it "
            "takes, or train at once.",
            icon=":material/call_split:",
        )
    if not splits.current(split):
        st.warning(
            "The dataset has changed since this split was made. The split still holds the images as they "
            "were; make a new one to take the changes in.",
            icon=":material/history:",
        )
        st.button("Split again", icon=":material/call_split:", key="split-again", on_click=views.ask_new)
    figures.numbers(split)
    figures.notes(split)
    figures.copies(split)
    forecast.draw(_run_to_come(split))
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        st.markdown("**Every class in every subset**")
        charts.subset_bars(split.counts(), split.classes, key="split-bars")
    with right, st.container(border=True, height="stretch"):
        st.markdown("**In numbers**")
        st.dataframe(figures.table(split), width="stretch")
    sureness.draw(split)
    _actions(split)


def _run_to_come(split: splits.Split) -> configs.TrainingConfig:
    """What Finetune would start with, so that both pages speak of the same forecast."""
    mode = st.session_state.get("finetune-mode", "full")
    changes = settings.changed(mode)
    return configs.TrainingConfig(dataset=split.dataset, split=split.name, mode=mode, **changes)


def _actions(split: splits.Split) -> None:
    config = split.config
    how = f"Divided {config.in_words()}" if config.is_taken else f"Kept together: {config.group_in_words()}"
    st.caption(f"{how} · seed {config.seed} · made {words.moment(split.created)}")
    with st.container(horizontal=True):
        st.download_button(
            "Download as CSV",
            data=lambda: listed.text(split.table),
            file_name=f"{split.name}.csv",
            icon=":material/download:",
            help="Every image with its subset. *New split*, *From a table* takes it back.",
            on_click="ignore",
        )
        if st.button("Delete this split", icon=":material/delete:", key="delete-split"):
            _ask_to_delete(split.name)


def _ask_to_delete(name: str) -> None:
    """A dialog, or the sentence why the split has to stay."""
    try:
        splits.check_unused(name)
    except errors.FieldguideError as error:
        problems.show(error)
        return

    def delete() -> None:
        splits.delete(name)
        state.forget_split()

    confirm.deletion("Delete this split?", f"**{name}** is removed. The images stay as they are.", delete)
