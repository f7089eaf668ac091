"""One image's way through the model: tensor, features, logits, softmax, and what the rule makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core import errors, runs
from core.metrics import decisions
from pages.parts import caches, problems, words
from pages.parts.classify import model, stations, steps


def draw(run: runs.Run, one: model.Picked, *, why: str, mirrored: bool) -> None:
    """Every station with its numbers; `why` says what decides beyond the likeliest class."""
    image = caches.stamp(*([one.file] if one.file else []))
    try:
        inside = _inside(run.id, model.stamp(run), image, one.file)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    answer = one.answer
    stations.tensor(inside)
    stations.features(inside, words.backbone(run.config()["backbone"]))
    twice = ", here the mean of the image and its mirror image" if mirrored else ""
    st.markdown(
        f"**3 · {len(answer.logits)} logits.** The last layer weighs the features into one score *z* for "
        f"each class{twice}. Softmax makes probabilities of them, which add up to 1:"
    )
    steps.scores(list(answer.probabilities), answer.logits, temperature=decisions.load(run).temperature)
    said = "I don't know" if answer.unknown else words.plain(answer.label)
    st.markdown(f"**4 · The answer: {said}.** {why or 'The likeliest class is the answer.'}")


@st.cache_resource(max_entries=8, show_spinner="Following the image …")
def _inside(run_id: str, key: caches.Stamp, image: caches.Stamp, _file: Path) -> Any:
    from core.inference import inside

    return inside.look(model.predictor(runs.load(run_id)), _file)
