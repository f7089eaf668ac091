"""One image and its answer: the label, every class's probability, and the way from scores to it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from pages.parts import (
    classify_bars,
    classify_correct,
    classify_heat,
    classify_input,
    classify_model,
    classify_neighbours,
    classify_steps,
    classify_sure,
    classify_thumbs,
)
from pages.parts import finetune_words as words

VIEWS = {
    "heat": ":material/local_fire_department: Where it looked",
    "neighbours": ":material/photo_library: Similar training images",
    "steps": ":material/function: From scores to probabilities",
    "correct": ":material/edit: Wrong? Correct it",
}


WHY = {
    "unlike": "This image is unlike those it was trained on.",
    "unsure": "It is too unsure of this image to say, by the run's decision rule.",
}


def draw(run: runs.Run, upload: classify_input.Upload, answer: Any) -> None:
    """The image on the left, the answer on the right; a file that is no image says why."""
    with st.container(border=True, key="classify-answer"):
        left, right = st.columns([2, 3], gap="large")
        with left:
            picture = classify_thumbs.preview(upload)
            if picture:
                st.image(picture, width="stretch", alt=f"The uploaded image {upload.name}")
            st.caption(words.plain(upload.name))
        with right:
            if answer.error:
                st.error(words.plain(answer.error), icon=":material/broken_image:")
                return
            _label(answer)
            classify_bars.draw(answer.probabilities)
            if not answer.unknown:
                classify_sure.draw(run, answer.probability)
        _more(run, upload, answer)


def _label(answer: Any) -> None:
    """The answer itself, in the largest type of the card."""
    with st.container(gap=None):
        if answer.unknown:
            st.caption("The answer")
            st.markdown("## I don't know")
            why = WHY[answer.unknown_because]
            st.markdown(f":gray[{why} Forced to choose, it would say **{words.plain(answer.label)}**.]")
        else:
            st.caption("The answer")
            st.markdown(f"## {words.plain(answer.label)} :gray[{words.percent(answer.probability)}]")


def _more(run: runs.Run, upload: classify_input.Upload, answer: Any) -> None:
    """What can be asked about the answer, one thing at a time: only what is open is computed."""
    view = st.pills(
        "Look closer", list(VIEWS), format_func=VIEWS.get, key="classify-view", label_visibility="collapsed"
    )
    if view == "steps":
        temperature = classify_model.predictor(run).decision.temperature
        classify_steps.draw(run, answer, temperature=temperature)
    elif view == "heat":
        classify_heat.draw(run, upload, answer)
    elif view == "neighbours":
        classify_neighbours.draw(run, upload)
    elif view == "correct":
        classify_correct.draw(run, upload, answer)
