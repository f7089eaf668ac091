"""Where the model looked at one stored image: computed only when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core import runs
from pages.parts import caches, classify_model
from pages.parts import finetune_words as words


def offer(run: runs.Run, row: dict[str, Any], *, key: str) -> None:
    """A button; then what spoke for the true class and what for the answer, side by side."""
    shown = f"{key}-look"
    if st.button("Where did it look?", icon=":material/visibility:", key=f"{key}-look-button"):
        st.session_state[shown] = row["path"]
    if st.session_state.get(shown) != row["path"]:
        return
    labels = dict.fromkeys((row["true"], row["answer"]))
    for column, label in zip(st.columns(3), [label for label in labels if label != "unknown"], strict=False):
        with column:
            found = _explained(run.id, classify_model.stamp(run), row["path"], label)
            st.image(found.overlay(0.55), width="stretch", alt=f"Regions that speak for {label}")
            st.caption(f"What speaks for **{words.plain(label)}** · {found.method}")


@st.cache_resource(max_entries=40, show_spinner="Looking closer …")
def _explained(run_id: str, key: caches.Stamp, path: str, label: str) -> Any:
    from core.inference.explain import reasons

    run = runs.load(run_id)
    file = run.manifest().set_index("path").loc[path, "file"]
    return reasons.explain(classify_model.predictor(run), Path(file), label)
