"""Where the model looked: the image with the regions that speak for a class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core import runs
from pages.parts import caches, heat_key, problems, words
from pages.parts.classify import model


def draw(run: runs.Run, one: model.Picked) -> None:
    """The answer's class beside another one, with a slider for how strongly the heat covers the image."""
    shares = one.answer.probabilities
    ranked = sorted(shares, key=lambda label: -shares[label])
    settings = st.columns([2, 2, 3], vertical_alignment="bottom")
    first = settings[0].selectbox("What speaks for", ranked, key="classify-heat-first")
    others = [label for label in ranked if label != first]
    second = settings[1].selectbox("and for", others, key="classify-heat-second") if others else None
    opacity = settings[2].slider("Opacity of the heat", 0.0, 1.0, 0.55, key="classify-heat-opacity")
    try:
        found = [_explained(run.id, *_key(run, one), label, one.file) for label in (first, second) if label]
    except Exception as error:  # whatever fails in there, the answer above stands
        problems.on_script_error(error)
        return
    for column, explained in zip(st.columns(3), [None, *found], strict=False):
        with column:
            if explained is None:
                st.image(found[0].pixels, width="stretch", alt="The square of the image that the model sees")
                st.caption("What the model sees")
            else:
                _overlay(explained, opacity, shares[explained.label])
    heat_key.draw()
    st.caption(
        "Red is where the last layers found most that speaks for the class. It shows where, not why: a model "
        "that looks at the background instead of the animal is telling you something about your images."
    )


def _overlay(found: Any, opacity: float, share: float) -> None:
    st.image(found.overlay(opacity), width="stretch", alt=f"Regions that speak for {found.label}")
    st.caption(f"**{words.plain(found.label)}** · {words.percent(share)} · {found.method}")


def _key(run: runs.Run, one: model.Picked) -> tuple[caches.Stamp, caches.Stamp]:
    return model.stamp(run), caches.stamp(*([one.file] if one.file else []))


@st.cache_resource(max_entries=60, show_spinner="Looking closer …")
def _explained(run_id: str, key: caches.Stamp, image: caches.Stamp, label: str, _file: Path) -> Any:
    """The explanation of one class for one image: computed once, drawn with any opacity."""
    from core.inference.explain import reasons

    return reasons.explain(model.predictor(runs.load(run_id)), _file, label)
