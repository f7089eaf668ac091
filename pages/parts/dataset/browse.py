"""The images of a dataset by class, a page at a time; marked ones can be left out or relabelled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import pandas as pd
import streamlit as st

from core.data import datasets
from pages.parts import gallery, thumbs
from pages.parts.dataset import corrections


def items(
    dataset: datasets.Dataset, paths: Sequence[str], *, captions: Sequence[str] = ()
) -> list[gallery.Item]:
    """Gallery items for some of the dataset's images, in that order.

    Captioned by label and file name unless told otherwise.
    """
    table = dataset.table.set_index("path").loc[list(paths)]
    return [
        gallery.Item(
            id=path,
            url=thumbs.url(dataset.name, path, row.sha256),
            caption=caption,
            note=f"{path} · {row.label} · {row.width} × {row.height} pixels",
        )
        for path, row, caption in zip(paths, table.itertuples(), captions or _names(table), strict=True)
    ]


def _names(table: pd.DataFrame) -> list[str]:
    return [f"{label}\n{PurePosixPath(path).name}" for path, label in table["label"].items()]


_EVERYTHING = "\0all"  # no class can have this name


@st.fragment
def draw(dataset: datasets.Dataset) -> None:
    """A class filter, the pictures, and what can be done with the marked ones."""
    if not dataset.classes:
        st.info("There are no images to show yet.")
        return
    label = _class(dataset)
    table = dataset.table if label is None else dataset.table[dataset.table["label"] == label]
    bar = st.container(key="edit-bar")
    with gallery.turned(table["path"].tolist(), key=f"gallery-page-{label}") as shown:
        picked = gallery.pick(items(dataset, shown), key="gallery-pick", among=dataset.table["path"])
    with bar:
        corrections.actions(dataset, picked, key="gallery")


def _class(dataset: datasets.Dataset) -> str | None:
    """The class to show; None: all of them."""
    options = [_EVERYTHING, *dataset.classes]
    named = {_EVERYTHING: f"All ({len(dataset.table):,})"}
    named |= {label: f"{label} ({count:,})" for label, count in dataset.counts.items()}
    if len(options) <= 13:
        label = st.pills("Class", options, default=_EVERYTHING, format_func=named.get, key="gallery-class")
    else:
        label = st.selectbox("Class", options, format_func=named.get, key="gallery-class")
    return None if label in (None, _EVERYTHING) else label
