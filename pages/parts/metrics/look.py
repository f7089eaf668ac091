"""One stored image closer: its probabilities, and where the model looked, computed only when asked for."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import streamlit as st

from core import runs
from core.metrics import mistakes
from pages.parts import bars, caches, heat_key, thumbs, words
from pages.parts.classify import model
from pages.parts.metrics import data, judgement

_STAYS = """<style>
@media (min-width: 1000px) { [data-testid="stColumn"]:has(> * [class*="st-key-metrics-closer"]) > div {
  position: sticky; top: 4rem; height: auto; } }
</style>"""
"""Beside a long gallery the closer look stays in sight."""


def hint(marked: int) -> None:
    """What comes here once one picture is marked."""
    said = "Leave one picture marked" if marked > 1 else "Click a picture"
    with st.container(border=True):
        st.caption(
            f":material/touch_app: {said}: how probable each class was for it, and where the model looked, "
            "come here."
        )


def offer(judged: judgement.Judged, dataset: str, row: dict[str, Any], *, key: str) -> None:
    """The picture, and the probabilities of every class; on demand, what spoke for the true class and what
    for the answer.
    """
    st.html(_STAYS)
    with st.container(border=True):
        with st.container(horizontal=True):
            address = thumbs.url(dataset, row["path"], data.hashes(judged)[row["path"]])
            st.html(
                f'<img src="{html.escape(address)}" alt="" style="width:7rem;border-radius:8px">', width=112
            )
            st.markdown(
                f"It is **{words.plain(row['true'])}**, called **{words.plain(row['answer'])}**.  \n"
                f":small[:gray[{words.plain(row['path'])}]]",
                width="stretch",
            )
        top = _bars(judged, row["path"])
        shown = f"{key}-look"
        if st.button("Where did it look?", icon=":material/visibility:", key=f"{key}-look-button"):
            st.session_state[shown] = row["path"]
        if st.session_state.get(shown) == row["path"]:
            _regions(judged, row, next(iter(top)))
        else:
            st.caption("Grad-CAM: which regions speak for the true class, and which for the answer.")


def _bars(judged: judgement.Judged, path: str) -> dict[str, float]:
    """Draw the probabilities; return them, the most probable class first."""
    predictions = data.predictions(judged.run, judged.subset)
    every = mistakes.top_classes(predictions, judged.rule, [path], k=len(predictions.classes))
    shares = dict(every[path])
    bars.draw({label: shares[label] for label in predictions.classes})
    return shares


def _regions(judged: judgement.Judged, row: dict[str, Any], probable: str) -> None:
    """For the true class, and for the answer; where there is none, for the most `probable` class."""
    run, file = judged.run, data.file(judged, row["path"])
    answer = row["answer"] if row["answer"] in run.classes() else probable
    labels = list(dict.fromkeys((row["true"], answer)))
    for column, label in zip(st.columns(2), labels, strict=False):
        with column:
            found = _explained(run.id, model.stamp(run), file, label)
            st.image(found.overlay(0.55), width="stretch", alt=f"Regions that speak for {label}")
            st.caption(f"What speaks for **{words.plain(label)}** · {found.method}")
    heat_key.draw()


@st.cache_resource(max_entries=40, show_spinner="Looking closer …")
def _explained(run_id: str, key: caches.Stamp, file: Path, label: str) -> Any:
    from core.inference.explain import reasons

    return reasons.explain(model.predictor(runs.load(run_id)), file, label)
