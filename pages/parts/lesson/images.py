"""Chapters 1 and 2: an image is numbers, and a dataset is divided."""

from __future__ import annotations

import streamlit as st

from core import errors, lesson, runs
from core.data import datasets
from core.split import store as splits
from pages.parts import charts, words
from pages.parts.lesson import frame, text

_GRID = """<style>
.fg-cells { display: grid; gap: 2px; max-width: 21rem; }
.fg-cells span { aspect-ratio: 1; border-radius: 3px; display: grid; place-items: center;
  font-size: clamp(.58rem, 1.9vw, .78rem); font-variant-numeric: tabular-nums; }
</style>"""


def numbers(dataset: datasets.Dataset | None, run: runs.Run | None) -> None:
    """Chapter 1: what the computer is given."""
    frame.chapter(
        1,
        "An image is a block of numbers",
        text.IMAGE,
    )
    if dataset is None:
        frame.not_yet("There are no images yet.", "dataset", "Bring images")
        return
    size = f"{len(dataset.table):,} images of {len(dataset.classes)} classes"
    with frame.own(1, f"{size} in **{words.plain(dataset.name)}**."):
        label = st.pills(
            "Class", dataset.classes[:12], default=dataset.classes[0], key="lesson-class", required=True
        )
        path = dataset.table.loc[dataset.table["label"] == label, "path"].iloc[0]
        try:
            _draw_numbers(lesson.numbers(dataset.file(path), lesson.transform(run)), label)
        except errors.ImageError as error:
            st.caption(str(error))
    frame.go_on("dataset", "Look at all images")


def _draw_numbers(found: lesson.Numbers, label: str) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.image(found.pixels, width=260, alt=f"An image of class {label}, as the network takes it")
        st.caption(
            f"What the model is given: shape `{found.shape}`. After normalisation its numbers run from "
            f"{found.lowest:.2f} to {found.highest:.2f}.".replace("-", "−")
        )
    with right:
        st.html(_GRID + cells(found))
        st.caption(
            f"{len(found.corner)} × {len(found.corner)} of its pixels, from row {found.row} and column "
            f"{found.column}; the numbers are their **red** values, 0 to 255."
        )


def cells(found: lesson.Numbers) -> str:
    """The block of pixels as a grid in its own colours, each with its red value."""
    spans = []
    for row in found.corner.tolist():
        for red, green, blue in row:
            ink = "#fff" if red + green + blue < 380 else "#111"
            spans.append(f'<span style="background:rgb({red},{green},{blue});color:{ink}">{red}</span>')
    columns = f"grid-template-columns:repeat({len(found.corner)},1fr)"
    return f'<div class="fg-cells" style="{columns}">{"".join(spans)}</div>'


def split(found: splits.Split | None, dataset: datasets.Dataset | None) -> None:
    """Chapter 2: who teaches and who judges."""
    frame.chapter(
        2,
        "Set some images aside",
        text.SPLIT,
        picture="dataset-split",
        alt="A dataset divided into train, validation and test images",
    )
    if found is None:
        page, label = ("split", "Divide your images") if dataset else ("dataset", "Bring images")
        frame.not_yet(
            "Your images are not divided yet." if dataset else "There are no images yet.", page, label
        )
        return
    with frame.own(2, f"the split **{words.plain(found.name)}**."):
        charts.subset_bars(found.counts(), found.classes, key="lesson-split")
    frame.go_on("split", "See how sure such a judgement can be")
