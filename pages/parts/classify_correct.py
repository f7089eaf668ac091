"""Corrections: an upload goes into the dataset with its right label, as a new version of it."""

from __future__ import annotations

import io
from typing import Any

import streamlit as st

from core import errors, runs
from core.data import datasets, uploads
from pages.parts import classify_input, nav, problems

_DONE = "classify-corrected"


def draw(run: runs.Run, upload: classify_input.Upload, answer: Any) -> None:
    """Ask what the image really is, and add it to the dataset under that label."""
    dataset = run.dataset()
    if dataset is None:
        st.caption(
            f"The dataset {run.config()['dataset']} of this run is gone: there is nothing to add the image "
            "to."
        )
        return
    added = st.session_state.setdefault(_DONE, {})
    if upload.key in added:
        st.success(f"Added to {dataset} as {added[upload.key]}. Split anew and train to teach it.")
        nav.button("split", "Make a new split", key="classify-to-split", primary=False)
        return
    others = [label for label in run.classes() if label != answer.label]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            "It really is",
            [*others, *([answer.label] if answer.label else [])],
            index=None,
            accept_new_options=True,
            placeholder="Choose a class, or type a new one",
            key="classify-right",
            width=320,
        )
        if st.button(
            "Add to the dataset",
            key="classify-add",
            disabled=not label,
            icon=":material/add_photo_alternate:",
        ):
            _add(dataset, str(label), upload)
    st.caption(
        f"The image is copied into the workspace and becomes part of a new version of {dataset}. "
        "Runs and splits made before keep what they had."
    )


def _add(dataset: str, label: str, upload: classify_input.Upload) -> None:
    data = upload.data
    name = f"{label}/{upload.name.rsplit('/', 1)[-1]}"
    try:
        with st.spinner("Adding the image …"):
            datasets.extend(dataset, [uploads.Upload(name=name, size=len(data), stream=io.BytesIO(data))])
    except errors.FieldguideError as error:
        problems.show(error)
        return
    st.session_state[_DONE][upload.key] = label
    st.rerun()
