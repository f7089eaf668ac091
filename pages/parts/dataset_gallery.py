"""The images of a dataset by class, a page at a time."""

from __future__ import annotations

import streamlit as st

from core.data import datasets
from pages.parts import gallery, thumbs


def items(dataset: datasets.Dataset, paths: list[str]) -> list[gallery.Item]:
    """Gallery items for some of the dataset's images, in that order."""
    table = dataset.table.set_index("path").loc[paths]
    return [
        gallery.Item(
            id=path,
            url=thumbs.url(dataset.name, path, row.sha256),
            caption=row.label,
            note=f"{path} · {row.width} × {row.height} pixels",
        )
        for path, row in zip(paths, table.itertuples(), strict=True)
    ]


def draw(dataset: datasets.Dataset) -> None:
    """A class filter and the pictures."""
    labels = dataset.classes
    if not labels:
        st.info("There are no images to show yet.")
        return
    everything = f"All ({len(dataset.table):,})"
    options = [everything, *labels]
    named = {label: f"{label} ({count:,})" for label, count in dataset.counts.items()}
    if len(labels) <= 12:
        label = st.pills(
            "Class",
            options,
            default=everything,
            format_func=lambda name: named.get(name, name),
            key="gallery-class",
        )
    else:
        label = st.selectbox(
            "Class", options, format_func=lambda name: named.get(name, name), key="gallery-class"
        )
    table = dataset.table if label in (None, everything) else dataset.table[dataset.table["label"] == label]
    shown = gallery.paged(table["path"].tolist(), key=f"gallery-page-{label}")
    gallery.show(items(dataset, list(shown)))
