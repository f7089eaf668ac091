"""How sure is "94 % sure"? What became of the validation images of which the model was as sure."""

from __future__ import annotations

import streamlit as st

from core import errors, runs
from core.metrics import calibration, decisions
from pages.parts import caches, classify_model

LEAST, MOST = 20, 100
"""Of how many validation images at least and at most it speaks; never of more than a quarter of them."""


def draw(run: runs.Run, probability: float) -> None:
    """One sentence below the answer; nothing where there are too few validation images."""
    right, judged = _right_among(run.id, classify_model.stamp(run), round(probability, 3))
    if judged >= LEAST:
        st.caption(
            f"Of the {judged} validation images of which the model was about as sure, {right} were right."
        )


@st.cache_data(max_entries=500, show_spinner=False)
def _right_among(run_id: str, key: caches.Stamp, probability: float) -> tuple[int, int]:
    run = runs.load(run_id)
    try:
        judged = run.predictions("validation")
    except errors.TrainingError:
        return 0, 0
    shares = decisions.load(run).probabilities(judged.logits)
    window = min(MOST, len(judged.true) // 4)
    return calibration.right_among(judged.true, shares, probability, window=window) if window else (0, 0)
