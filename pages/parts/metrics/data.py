"""What the Metrics page reads of a run, kept between script runs until its files change."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from core import runs
from core.data import datasets
from core.metrics import decisions, evaluations, mistakes, store
from pages.parts import caches
from pages.parts.metrics import judgement


def predictions(run: runs.Run, subset: str) -> runs.Predictions:
    """The stored logits of `subset`.

    Raises:
        TrainingError: the run has none.
    """
    return _predictions(run.id, subset, stamp(run, subset))


def answers(judged: judgement.Judged) -> pd.DataFrame:
    """Every image with its truth, answer and loss under the reading: `mistakes.answers`."""
    run, subset = judged.run, judged.subset
    return _answers(run.id, subset, stamp(run, subset), judged.rule.key, judged.rule)


def groups(run: runs.Run, subset: str) -> list[object] | None:
    """The group of each judged image, in the order of `predictions`; None where none are known."""
    return _groups(run.id, subset, stamp(run, subset))


def dataset(judged: judgement.Judged) -> str | None:
    """The dataset that the images are of; None where it is gone."""
    name = evaluations.name_of(judged.subset)
    if name is None:
        return judged.run.dataset()
    return name if datasets.exists(name) else None


def hashes(judged: judgement.Judged) -> dict[str, str]:
    """Path -> sha256 of the image as the run saw it."""
    return _hashes(judged.run.id, judged.subset, stamp(judged.run, judged.subset))


def file(judged: judgement.Judged, path: str) -> Path:
    """The image file behind a path of the judged images."""
    name = evaluations.name_of(judged.subset)
    if name:
        return caches.dataset(name).file(path)
    return Path(judged.run.manifest().set_index("path").loc[path, "file"])


def stamp(run: runs.Run, subset: str) -> caches.Stamp:
    """What changes when the judged images, their answers or the run's rule do."""
    files = [run.folder / name for name in ("predictions.parquet", decisions.FILE)]
    name = evaluations.name_of(subset)
    return caches.stamp(*files, *([evaluations.file(run, name)] if name else []))


@st.cache_resource(max_entries=8, show_spinner="Reading the answers …")
def _predictions(run_id: str, subset: str, key: caches.Stamp) -> runs.Predictions:
    return evaluations.predictions(runs.load(run_id), subset)


@st.cache_resource(max_entries=8, show_spinner=False)
def _answers(
    run_id: str, subset: str, key: caches.Stamp, rule_key: str, _rule: decisions.Decision
) -> pd.DataFrame:
    return mistakes.answers(predictions(runs.load(run_id), subset), _rule)


@st.cache_resource(max_entries=8, show_spinner=False)
def _groups(run_id: str, subset: str, key: caches.Stamp) -> list[object] | None:
    run = runs.load(run_id)
    return store.groups_of(run, predictions(run, subset).paths, subset)


@st.cache_resource(max_entries=8, show_spinner=False)
def _hashes(run_id: str, subset: str, key: caches.Stamp) -> dict[str, str]:
    run, name = runs.load(run_id), evaluations.name_of(subset)
    table = evaluations.table(run, name) if name else run.manifest()
    return dict(zip(table["path"], table["sha256"], strict=True))
