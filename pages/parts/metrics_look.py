"""One stored image closer: its probabilities, and where the model looked, computed only when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core import runs
from core.metrics import mistakes
from pages.parts import caches, classify_bars, classify_model, metrics_data, metrics_judged
from pages.parts import finetune_words as words


def offer(judged: metrics_judged.Judged, row: dict[str, Any], *, key: str) -> None:
    """The probabilities of every class; on demand, what spoke for the true class and what for the answer."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown(f"**Probabilities** :gray[· is {words.plain(row['true'])}]")
        top = _bars(judged, row["path"])
    with right:
        shown = f"{key}-look"
        if st.button("Where did it look?", icon=":material/visibility:", key=f"{key}-look-button"):
            st.session_state[shown] = row["path"]
        if st.session_state.get(shown) == row["path"]:
            _regions(judged, row, next(iter(top)))
        else:
            st.caption("Grad-CAM: which regions speak for the true class, and which for the answer.")


def _bars(judged: metrics_judged.Judged, path: str) -> dict[str, float]:
    """Draw the probabilities; return them, the most probable class first."""
    predictions = metrics_data.predictions(judged.run, judged.subset)
    every = mistakes.top_classes(predictions, judged.rule, [path], k=len(predictions.classes))
    shares = dict(every[path])
    classify_bars.draw({label: shares[label] for label in predictions.classes})
    return shares


def _regions(judged: metrics_judged.Judged, row: dict[str, Any], probable: str) -> None:
    """For the true class, and for the answer; where there is none, for the most `probable` class."""
    run, file = judged.run, metrics_data.file(judged, row["path"])
    answer = row["answer"] if row["answer"] in run.classes() else probable
    labels = list(dict.fromkeys((row["true"], answer)))
    for column, label in zip(st.columns(2), labels, strict=False):
        with column:
            found = _explained(run.id, classify_model.stamp(run), file, label)
            st.image(found.overlay(0.55), width="stretch", alt=f"Regions that speak for {label}")
            st.caption(f"What speaks for **{words.plain(label)}** · {found.method}")


@st.cache_resource(max_entries=40, show_spinner="Looking closer …")
def _explained(run_id: str, key: caches.Stamp, file: Path, label: str) -> Any:
    from core.inference.explain import reasons

    return reasons.explain(classify_model.predictor(runs.load(run_id)), file, label)
