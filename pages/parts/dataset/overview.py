"""The dataset at a glance: how many images of what, of which sizes, and what was left out."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.data import datasets
from core.split import store as splits
from pages.parts import caches, charts, nav, state, words
from pages.parts.dataset import advice
from pages.parts.split import views

_LISTED = 30  # files set aside that are told in full
_SIZES = 5000  # images in the chart of sizes: more points would only slow the browser


def headline(dataset: datasets.Dataset) -> None:
    """Name and the four numbers that matter first."""
    counts = dataset.counts
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(dataset.name, anchor=False, width="stretch")
        if len(counts) > 1:
            _next(dataset)
    advice.draw(dataset)
    with st.grid(4, min_column_width=120):
        st.metric("Images", f"{len(dataset.table):,}", border=True)
        st.metric("Classes", f"{len(counts):,}", border=True)
        if len(counts) > 1:
            st.metric(_fewest(counts), f"{min(counts.values()):,}", border=True)
        st.metric("Files set aside", f"{len(dataset.set_aside):,}", border=True)
    for note in dataset.notes:
        st.info(words.plain(note), icon=":material/label:")


def _next(dataset: datasets.Dataset) -> None:
    """On to the split that there is, or to the form for one; not urged on where it would be refused."""
    split = state.current().split
    urged = not advice.small(dataset)
    if split is None:
        nav.button("split", "Next: split these images", key="to-split", primary=urged)
    elif splits.current(caches.split(split)):
        nav.button("split", "Next: open the split", key="to-split", primary=urged)
    else:  # the dataset has changed since
        nav.button("split", "Next: split again", key="to-split", primary=urged, on_click=views.ask_new)


def _fewest(counts: dict[str, int]) -> str:
    """What the size of the smallest class is called: all may have it."""
    least = min(counts.values())
    smallest = [label for label, count in counts.items() if count == least]
    if len(smallest) == len(counts):
        return "In each class"
    more = f" and {len(smallest) - 1} more" if len(smallest) > 1 else ""
    return f"Fewest: {smallest[0]}{more}"


def draw(dataset: datasets.Dataset) -> None:
    """Images per class and their sizes."""
    if not len(dataset.table):
        st.info("No usable image is left in this dataset. See what was set aside, or bring more.")
        return
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        st.markdown("**Images per class**")
        charts.class_bars(dataset.counts, key="class-bars")
        if len(dataset.classes) > charts.MOST_CLASSES:
            st.dataframe(pd.Series(dataset.counts, name="Images").rename_axis("Class"), width="stretch")
    with right, st.container(border=True, height="stretch"):
        st.markdown("**Image sizes**")
        shown = dataset.table.sample(min(_SIZES, len(dataset.table)), random_state=0)
        charts.sizes(shown["width"].tolist(), shown["height"].tolist(), key="sizes")


def set_aside(dataset: datasets.Dataset) -> None:
    """The files that were not taken, each with its reason."""
    if dataset.ignored:
        st.caption(f"Passed over (hidden files, system files, documents): {dataset.ignored:,}.")
    if not len(dataset.set_aside):
        st.success("Every file could be read: nothing was set aside.", icon=":material/check_circle:")
        return
    st.markdown("These files are not used. The others go on without them; your files were not touched.")
    shown = dataset.set_aside.rename(columns={"path": "File", "reason": "Why it was set aside"})
    if len(shown) <= _LISTED:
        st.table(shown.set_index("File"), border="horizontal")  # wraps: nothing is cut off on a narrow screen
    else:
        st.dataframe(shown, hide_index=True, width="stretch")
    st.download_button(
        "Download as CSV",
        data=lambda: shown.to_csv(index=False),
        file_name=f"{dataset.name}-set-aside.csv",
        icon=":material/download:",
        on_click="ignore",
    )
