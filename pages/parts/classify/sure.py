"""How sure is "94 % sure"? What became of the validation images that were answered about as surely."""

from __future__ import annotations

import streamlit as st

from core import errors, runs
from core.metrics import decisions, sureness
from pages.parts import caches
from pages.parts.classify import model
from pages.parts.metrics import data


def draw(run: runs.Run, probability: float) -> None:
    """One sentence below the answer; nothing where the run has no validation images."""
    found = _among(run.id, model.stamp(run), round(probability, 3))
    if found is None:
        return
    if found.enough:
        st.caption(
            f"Of the {found.judged} validation images that it answered about as surely, "
            f"{found.right} were right."
        )
    else:
        st.caption("Too few validation images were answered about as surely to say how often that is right.")


@st.cache_data(max_entries=500, show_spinner=False)
def _among(run_id: str, key: caches.Stamp, probability: float) -> sureness.Among | None:
    run = runs.load(run_id)
    try:
        judged = data.predictions(run, "validation")
    except errors.TrainingError:
        return None
    return sureness.among(judged, decisions.load(run), probability)
