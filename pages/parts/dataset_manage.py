"""Rename a dataset or delete it."""

from __future__ import annotations

import streamlit as st

from core import errors
from core.data import datasets
from pages.parts import problems, state


def draw(dataset: datasets.Dataset) -> None:
    """Where the images lie, a new name, and the way out."""
    st.caption(f"The images lie in `{dataset.root}`. Version {dataset.version}.")
    left, right = st.columns(2, gap="medium")
    with left, st.form("rename", border=True, height="stretch"):
        st.markdown("**Rename**")
        name = st.text_input("New name", value=dataset.name, key="rename-to")
        if st.form_submit_button("Rename", key="rename-button"):
            _rename(dataset.name, name.strip())
    with right, st.container(border=True, height="stretch"):
        st.markdown("**Delete**")
        st.caption(
            "Removes the dataset and its uploaded copies. Images in your own folders stay where they are."
        )
        if st.button("Delete this dataset", icon=":material/delete:", key="delete-dataset"):
            _ask(dataset.name)


def _rename(old: str, new: str) -> None:
    try:
        datasets.rename(old, new)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    state.forget()
    state.choose(dataset=new)
    st.rerun()


@st.dialog("Delete this dataset?")
def _ask(name: str) -> None:
    st.markdown(f"**{name}** is removed from the workspace. Runs that were trained on it keep their figures.")
    if st.button("Delete", type="primary", icon=":material/delete:", key="really-delete"):
        datasets.delete(name)
        state.forget()
        st.rerun()
