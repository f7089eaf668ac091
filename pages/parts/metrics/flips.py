"""The images that two runs answered differently."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.parts.metrics import data, images, judgement

FLIPS = {"wrong": "Newly wrong", "right": "Newly right", "still wrong": "Wrong in another way"}


def draw(judged: judgement.Judged, found: dict[str, Any]) -> None:
    """The images that were answered differently, as the most probable class."""
    table = pd.DataFrame(found["flipped"], columns=["path", "true", "first", "second", "became"])
    counts = table["became"].value_counts()
    st.markdown(f"**{len(table):,} images were answered differently**")
    if table.empty:
        return
    kinds = [kind for kind in FLIPS if kind in counts]
    kind = st.segmented_control(
        "Show",
        kinds,
        format_func=lambda name: f"{FLIPS[name]} ({counts[name]})",
        default=kinds[0],
        required=True,
        key="metrics-flips",
        label_visibility="collapsed",
    )
    answers = data.answers(judged).set_index("path", drop=False)
    chosen = [path for path in table.loc[table["became"] == kind, "path"] if path in answers.index]
    images.draw(judged, answers.loc[chosen].reset_index(drop=True), key=f"metrics-flips-{kind}")
