"""Putting right: leave images out, relabel them, rename or merge classes, and take any of it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core import errors
from core import words as core_words
from core.data import additions, datasets, drafts, edits
from pages.parts import marks, problems
from pages.parts.words import plain


def actions(dataset: datasets.Dataset, paths: Sequence[str], *, key: str) -> None:
    """What can be done with the images that are marked."""
    if not paths:
        st.caption(
            "Click pictures to mark them, shift-click for a stretch; then leave them out or relabel them. "
            "Marks stay when you turn the page."
        )
        _undo_last(dataset, key)
        return

    def settle() -> None:
        marks.clear(f"{key}-pick")

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(f"**{len(paths):,} marked**", width=100)
        label = st.selectbox(
            "New label",
            dataset.classes,
            index=None,
            placeholder="New label …",
            accept_new_options=True,
            label_visibility="collapsed",
            key=f"{key}-label",
            width=220,
        )
        if st.button("Relabel", icon=":material/label:", key=f"{key}-relabel", disabled=not label):
            said = f"{len(paths):,} relabelled as {label}."
            do(lambda: drafts.relabel(dataset.name, paths, str(label)), said, then=settle)
        if st.button("Leave out", icon=":material/visibility_off:", key=f"{key}-exclude"):
            do(lambda: drafts.exclude(dataset.name, paths), f"{len(paths):,} left out.", then=settle)


def do(
    edit: Callable[[], object],
    said: str,
    *,
    hint: str = "Undo it under *Corrections*.",
    then: Callable[[], None] = lambda: None,
) -> None:
    """Carry an edit out, then `then`, and show the page anew; an error is shown in its place."""
    try:
        edit()
    except errors.FieldguideError as error:
        problems.show(error)
        return
    then()
    st.toast(f"{said} {hint}", icon=":material/check:")
    st.rerun(scope="app")


def draw(dataset: datasets.Dataset) -> None:
    """Every correction that stands, newest first, each with its way back; and renaming of classes."""
    standing = edits.standing(edits.log(dataset.folder))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown("**What was put right**")
        if not standing and len(dataset.source["parts"]) == 1:
            st.caption("Nothing yet. Mark pictures under *Images*, or see what *Check* finds.")
        for edit in standing[::-1][:30]:
            _line(dataset.name, edit)
        if len(standing) > 30:
            st.caption(f"… and {len(standing) - 30} older ones.")
        _added(dataset)
        if standing:
            st.download_button(
                "Download the corrections as CSV",
                data=lambda: edits.table(dataset.name).to_csv(index=False),
                file_name=f"{dataset.name}-corrections.csv",
                icon=":material/download:",
                on_click="ignore",
            )
    with right, st.container(border=True):
        _rename(dataset)


def words(edit: edits.Edit) -> str:
    """An edit in a few words."""
    if edit["action"] == "rename":
        return f"class **{edit['label']}** renamed to **{edit['to']}**"
    count = len(edit["paths"])
    several = f"{count:,} images" if count > 1 else f"`{edit['paths'][0]}`"
    said = {"exclude": "left out", "include": "taken in again"}
    return f"{several} {said.get(edit['action']) or 'relabelled as **' + edit['label'] + '**'}"


def _undo_last(dataset: datasets.Dataset, key: str) -> None:
    """A way back from the newest edit, where it was made."""
    standing = edits.standing(edits.log(dataset.folder))
    if standing and st.button(
        f"Undo: {words(standing[-1])}", icon=":material/undo:", key=f"{key}-undo", type="tertiary"
    ):
        do(lambda: drafts.undo(dataset.name, standing[-1]["id"]), "Taken back.", hint="")


def _line(name: str, edit: dict[str, Any]) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"{words(edit)}  \n:small[:gray[{core_words.moment(edit['time'])}]]", width="stretch")
        if st.button("Undo", icon=":material/undo:", key=f"undo-{edit['id']}"):
            do(lambda: drafts.undo(name, edit["id"]), "Taken back.", hint="")


def _added(dataset: datasets.Dataset) -> None:
    """What was added since the beginning, images corrected on Classify among it, each with its way back."""
    for number, one in list(enumerate(additions.of(dataset)))[::-1]:
        count = sum(one.counts.values())
        labels = ", ".join(f"{many:,} {plain(label)}" for label, many in list(one.counts.items())[:6])
        more = " …" if len(one.counts) > 6 else ""
        when = f" · {core_words.moment(one.added)}" if one.added else ""
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{count:,} image{'s' * (count != 1)} added: {labels}{more}  \n"
                f":small[:gray[{plain(one.called)}{when}]]",
                width="stretch",
            )
            if st.button("Leave out", icon=":material/visibility_off:", key=f"leave-added-{number}"):
                do(lambda one=one: drafts.exclude(dataset.name, one.paths), f"{count:,} left out.")


def _rename(dataset: datasets.Dataset) -> None:
    st.markdown("**Rename or merge a class**")
    old = st.selectbox("Class", dataset.classes, key="rename-class")
    new = st.selectbox(
        "Becomes",
        [label for label in dataset.classes if label != old],
        index=None,
        accept_new_options=True,
        placeholder="A new name, or another class to merge into",
        key="rename-class-to",
    )
    merges = new in dataset.counts
    if st.button("Merge" if merges else "Rename", key="rename-class-do", disabled=not new):
        done = f"**{old}** {'merged into' if merges else 'renamed to'} **{new}**."
        do(lambda: drafts.rename_class(dataset.name, old, str(new)), done)
