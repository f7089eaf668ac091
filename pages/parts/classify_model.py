"""A run's model and its answers: loaded once for everybody, asked once for each image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import runs
from pages.parts import caches, classify_input, progress

if TYPE_CHECKING:  # torch takes seconds to import: no page may wait for it to be painted
    from core.inference.predictor import Answer, Predictor

MANY = 12
MAX_ANSWERS = 5000
_ANSWERS = "classify-answers"


def answers(run: runs.Run, uploads: Sequence[classify_input.Upload], *, share: float) -> list[Answer]:
    """One answer for each upload, in order; only images that are new are put to the model.

    `share` is that of known images which may be called unknown, so that unknown ones are.

    Raises:
        InferenceError: the run's model cannot be loaded.
    """
    key = (stamp(run), share)
    known: dict[Any, Answer] = st.session_state.setdefault(_ANSWERS, {})
    new = [upload for upload in uploads if (key, upload.key) not in known]
    if len(known) + len(new) > MAX_ANSWERS:
        known.clear()
        new = list(uploads)
    if new:
        found = _ask(predictor(run, share=share), new)
        known.update({(key, upload.key): answer for upload, answer in zip(new, found, strict=True)})
    return [known[key, upload.key] for upload in uploads]


def predictor(run: runs.Run, *, share: float | None = None) -> Predictor:
    """The loaded model of `run`, shared with every other visitor and with the HTTP routes.

    With a `share`, it answers as when that share of known images is turned away.

    Raises:
        InferenceError: it cannot be loaded.
    """
    with st.spinner("Loading the model …", show_time=False):
        from core.inference import loaded

        model = loaded.get(run.id)
    if share is None or model.known is None:
        return model
    return replace(model, known=model.known.turning_away(share))


def stamp(run: runs.Run) -> caches.Stamp:
    """What changes when the run's weights or its decision rule do (the default follows its predictions)."""
    files = ("model.safetensors", "predictions.parquet", "decision.json")
    return caches.stamp(*(run.folder / name for name in files))


def _ask(model: Predictor, uploads: Sequence[classify_input.Upload]) -> list[Answer]:
    """Put images to the model one batch after the other; with a bar when there are many."""
    place = st.empty()
    with place:
        tell = progress.bar("Reading images") if len(uploads) > MANY else None
    found: list[Answer] = []
    for answer in model.stream((upload.data for upload in uploads), (upload.name for upload in uploads)):
        found.append(answer)
        if tell:
            tell(len(found), len(uploads), "Answering")
    place.empty()
    return found
