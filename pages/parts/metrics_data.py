"""What the Metrics page reads of a run, kept between script runs until its files change."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import runs
from core.metrics import decisions, mistakes, store
from pages.parts import caches


def predictions(run: runs.Run, subset: str) -> runs.Predictions:
    """The stored logits of `subset`.

    Raises:
        TrainingError: the run has none.
    """
    return _predictions(run.id, subset, _stamp(run))


def answers(run: runs.Run, subset: str) -> pd.DataFrame:
    """Every image with its truth, answer and loss under the run's rule: `mistakes.answers`."""
    return _answers(run.id, subset, _stamp(run))


def groups(run: runs.Run, subset: str) -> list[object] | None:
    """The group of each judged image, in the order of `predictions`; None where none are known."""
    return _groups(run.id, subset, caches.stamp(run.folder / "manifest.parquet"))


def hashes(run: runs.Run) -> dict[str, str]:
    """Path -> sha256 of the image as the run saw it."""
    return _hashes(run.id, caches.stamp(run.folder / "manifest.parquet"))


def _stamp(run: runs.Run) -> caches.Stamp:
    return caches.stamp(run.folder / "predictions.parquet", run.folder / decisions.FILE)


@st.cache_resource(max_entries=8, show_spinner="Reading the answers …")
def _predictions(run_id: str, subset: str, key: caches.Stamp) -> runs.Predictions:
    return runs.load(run_id).predictions(subset)


@st.cache_resource(max_entries=8, show_spinner=False)
def _answers(run_id: str, subset: str, key: caches.Stamp) -> pd.DataFrame:
    run = runs.load(run_id)
    return mistakes.answers(predictions(run, subset), decisions.load(run))


@st.cache_resource(max_entries=8, show_spinner=False)
def _groups(run_id: str, subset: str, key: caches.Stamp) -> list[object] | None:
    run = runs.load(run_id)
    return store.groups_of(run, predictions(run, subset).paths)


@st.cache_resource(max_entries=8, show_spinner=False)
def _hashes(run_id: str, key: caches.Stamp) -> dict[str, str]:
    table = runs.load(run_id).manifest()
    return dict(zip(table["path"], table["sha256"], strict=True))
