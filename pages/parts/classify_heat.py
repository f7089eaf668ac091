"""Where the model looked: the image with the regions that speak for a class."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from pages.parts import caches, classify_input, classify_model
from pages.parts import finetune_words as words


def draw(run: runs.Run, upload: classify_input.Upload, answer: Any) -> None:
    """The answer's class beside another one, with a slider for how strongly the heat covers the image."""
    ranked = sorted(answer.probabilities, key=lambda label: -answer.probabilities[label])
    settings = st.columns([2, 2, 3], vertical_alignment="bottom")
    first = settings[0].selectbox("What speaks for", ranked, key="classify-heat-first")
    others = [label for label in ranked if label != first]
    second = settings[1].selectbox("and for", others, key="classify-heat-second") if others else None
    opacity = settings[2].slider("Opacity of the heat", 0.0, 1.0, 0.55, key="classify-heat-opacity")
    for column, label in zip(st.columns(3), [None, first, second], strict=True):
        with column:
            if label is None:
                _original(run, upload, first)
            else:
                _overlay(run, upload, label, opacity, answer.probabilities[label])
    st.caption(
        "Red is where the last layers found most that speaks for the class. It shows where, not why: a model "
        "that looks at the background instead of the animal is telling you something about your images."
    )


def _original(run: runs.Run, upload: classify_input.Upload, label: str) -> None:
    found = _explained(run.id, classify_model.stamp(run), upload.key, label, upload)
    st.image(found.pixels, width="stretch", alt="The square of the image that the model sees")
    st.caption("What the model sees")


def _overlay(run: runs.Run, upload: classify_input.Upload, label: str, opacity: float, share: float) -> None:
    found = _explained(run.id, classify_model.stamp(run), upload.key, label, upload)
    st.image(found.overlay(opacity), width="stretch", alt=f"Regions that speak for {label}")
    st.caption(f"**{words.plain(label)}** · {words.percent(share)} · {found.method}")


@st.cache_resource(max_entries=60, show_spinner="Looking closer …")
def _explained(
    run_id: str, key: caches.Stamp, upload_key: str, label: str, _upload: classify_input.Upload
) -> Any:
    """The explanation of one class for one image: computed once, drawn with any opacity."""
    from core.inference.explain import reasons

    return reasons.explain(classify_model.predictor(runs.load(run_id)), _upload.data, label)
