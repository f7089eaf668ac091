"""Rename a dataset or delete it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core import errors, paths, upkeep
from core.data import datasets
from core.progress import Progress
from pages.parts import confirm, problems, progress, state


def draw(dataset: datasets.Dataset) -> None:
    """Where the images lie, a look for new ones, a new name, and the way out."""
    with st.grid(2, min_column_width=320):
        with st.container(border=True, height="stretch"):
            _source(dataset)
        with st.form("rename", border=True, height="stretch"):
            st.markdown("**Rename**")
            name = st.text_input("New name", value=dataset.name, key="rename-to")
            if st.form_submit_button("Rename", key="rename-button"):
                _rename(dataset.name, name.strip())
        with st.container(border=True, height="stretch"):
            st.markdown("**Delete**")
            st.caption(
                "Removes the dataset, its splits and its uploaded copies. Your own folders stay as they are."
            )
            if st.button("Delete this dataset", icon=":material/delete:", key="delete-dataset"):
                _ask_to_delete(dataset.name)


def _source(dataset: datasets.Dataset) -> None:
    """Every folder that the images come from; look at them again, or say where one has moved to."""
    st.markdown("**Where the images lie**")
    places = dataset.places
    for place in places:
        kept = "" if place.linked else " · kept in the workspace"
        icon = ":material/folder:" if place.there else ":material/folder_off:"
        st.caption(f"{icon} `{place.folder}`{kept if place.there else ' · **not there any more**'}")
    st.caption(f"Version {dataset.version}")
    missing = [place for place in places if place.linked and not place.there]
    if not missing:
        if st.button("Look for new and changed files", icon=":material/refresh:", key="refresh-dataset"):
            _do(lambda report: datasets.refresh(dataset.name, progress=report))
        return
    several = f"{len(missing)} of these folders are" if len(missing) > 1 else "A folder is"
    st.warning(f"{several} not there any more. Put it back, or say where it is now.")
    folder = st.text_input(
        "It is now at" if len(missing) == 1 else "One of them is now at", key="relink-to"
    ).strip()
    if st.button("Use this folder", key="relink-dataset", disabled=not folder):
        _do(lambda report: datasets.relink(dataset.name, paths.expanded(folder), progress=report))


def _do(work: Callable[[Progress], object]) -> None:
    """Carry out what takes its time, with its progress, and show the page anew."""
    try:
        work(progress.bar("Reading the files"))
    except errors.FieldguideError as error:
        problems.show(error)
        return
    st.rerun()


def _rename(old: str, new: str) -> None:
    try:
        upkeep.rename_dataset(old, new)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    state.forget()
    state.choose(dataset=new)
    st.rerun()


def _ask_to_delete(name: str) -> None:
    def delete() -> None:
        upkeep.delete_dataset(name)
        state.forget()

    text = f"**{name}** is removed from the workspace. Runs that were trained on it keep their figures."
    confirm.deletion("Delete this dataset?", text, delete)
