"""Lesson: the workshop lesson, step by step, played on the person's own images."""

from __future__ import annotations

import streamlit as st

from core import runs
from core.data import datasets
from pages.parts import caches, empty, explain, state
from pages.parts.lesson import answer, images, training
from pages.parts.metrics import stored

CHAPTERS = ("Images", "Split", "Model", "Training", "Evaluation", "Answer")


def page() -> None:
    """Six chapters; each explains a step and shows it on what is chosen in the sidebar."""
    explain.header("lesson")
    chosen = state.current()
    # A run outlives its dataset: then the run's chapters go on alone.
    there = bool(chosen.dataset) and datasets.exists(chosen.dataset)
    dataset = caches.dataset(chosen.dataset) if there else None
    split = caches.split(chosen.split) if chosen.split else None
    run = runs.load(chosen.run) if chosen.run else None
    answered = run if run and (run.folder / "predictions.parquet").exists() else None
    if dataset is None and run is None:
        empty.draw("The lesson plays on your own images, and there are none yet.", "dataset", "Bring images")
    st.markdown(
        " · ".join(f"[{place} {name}](#chapter-{place})" for place, name in enumerate(CHAPTERS, start=1))
    )
    images.numbers(dataset, answered)
    images.split(split, dataset)
    training.model(run)
    training.training(run)
    training.evaluation(stored.of(answered, "validation") if answered else None)
    answer.draw(answered)


page()
