"""Corrections: images go into the dataset with their right label, as a new version of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core import errors, runs
from core.inference import correcting
from pages.parts import problems, words
from pages.parts.classify import model

_DONE = "classify-corrected"  # dict of dataset -> dict of file -> label, of this session


def draw(run: runs.Run, picked: Sequence[model.Picked]) -> None:
    """Ask what the images really are, and add them to the dataset under that label."""
    dataset = run.dataset()
    if dataset is None:
        name = run.config()["dataset"]
        st.caption(f"The dataset {name} of this run is gone: there is nothing to add the image to.")
        return
    usable = [one for one in picked if one.file is not None and not one.answer.error]
    several = len(picked) > 1
    if several:
        st.markdown(f"**{len(usable)} of {len(picked)} marked images** can be given their right label.")
    done = corrected(dataset)
    added = {done[str(one.file)] for one in usable if str(one.file) in done}
    if added:
        st.success(f"Added to {words.plain(dataset)} as {words.some(sorted(added))}.")
    if usable:
        _ask(run, dataset, usable)


def corrected(dataset: str) -> dict[str, str]:
    """What was added to the dataset in this session: file -> label."""
    found: dict[str, str] = st.session_state.setdefault(_DONE, {}).setdefault(dataset, {})
    return found


def add(dataset: str, given: Sequence[correcting.Correction]) -> bool:
    """Add images to the dataset and remember it; False, and the sentence, where that cannot be done."""
    try:
        with st.spinner("Adding to the dataset …"):
            correcting.correct(dataset, given)
    except errors.FieldguideError as error:
        problems.show(error)
        return False
    corrected(dataset).update({str(one.file): one.label for one in given})
    return True


def _ask(run: runs.Run, dataset: str, usable: Sequence[model.Picked]) -> None:
    """A class, known or new, and the button."""
    answers = {one.answer.label for one in usable}
    labels = sorted(run.classes(), key=lambda label: label in answers)  # what it is not comes first
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            "It really is" if len(usable) == 1 else "They really are",
            labels,
            index=None,
            accept_new_options=True,
            placeholder="Choose a class, or type a new one",
            key="classify-right",
            width=320,
        )
        pressed = st.button(
            "Add to the dataset",
            key="classify-add",
            disabled=not label,
            icon=":material/add_photo_alternate:",
        )
    st.caption(
        f"Copied into the workspace, as part of a new version of {words.plain(dataset)}; an image that is in "
        "it already gets the label there. Runs and splits made before keep what they had."
    )
    if pressed and add(dataset, [correction(one.file, one.answer.path, str(label)) for one in usable]):
        st.rerun()


def correction(file: str | Path, name: str, label: str) -> correcting.Correction:
    """An image of the page with the label that a person gave it."""
    return correcting.Correction(file=Path(file), name=name, label=label)
