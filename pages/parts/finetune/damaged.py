"""Runs whose folder was damaged: they are named, so that somebody can delete them."""

from __future__ import annotations

import streamlit as st

from core import errors, runs
from pages.parts import problems


def draw() -> None:
    """A line for each damaged run, with the one thing that can still be done to it."""
    for run in runs.damaged():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":material/broken_image: The folder of run `{run.id}` is damaged: its configuration cannot "
                "be read. The other runs are not touched by it.",
                width="stretch",
            )
            if st.button("Delete it", key=f"finetune-damaged-{run.id}"):
                _delete(run)


def _delete(run: runs.Run) -> None:
    try:
        runs.delete(run.id)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    st.rerun()
