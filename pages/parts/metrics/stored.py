"""The figures of one run and subset, kept by the worker or computed once from the stored logits."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from core.metrics import evaluations, store
from pages.parts import caches


def of(run: runs.Run, subset: str) -> dict[str, Any]:
    """What `core.metrics.summary` says of `subset`; asked again when predictions or decision rule change.

    Raises:
        TrainingError: the run has no predictions for the subset.
        MetricsError: they cannot be scored.
    """
    files = [run.folder / name for name in ("predictions.parquet", "decision.json")]
    name = evaluations.name_of(subset)
    return _of(run.id, subset, caches.stamp(*files, *([evaluations.file(run, name)] if name else [])))


@st.cache_data(max_entries=64, show_spinner="Computing the figures …")
def _of(run_id: str, subset: str, key: caches.Stamp) -> dict[str, Any]:
    return store.figures(runs.load(run_id), subset)
