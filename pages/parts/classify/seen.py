"""Said beside an answer: that the image is one of the run's own."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core import runs
from core.inference import seen
from pages.parts import caches, words

MEANS = {
    "train": "one of its **training** images, so it has learned this very answer",
    "validation": "one of its **validation** images, which chose its best moment",
    "test": "one of its sealed **test** images",
}


def draw(run: runs.Run, file: Path | None) -> None:
    """A note where the file is an exact copy of an image that the run was made or judged with."""
    found = _found(run.id, caches.stamp(file), file) if file else None
    if found is None:
        return
    st.info(
        f"The model knows this image: it is {MEANS[found.subset]} ({words.plain(found.path)}, labelled "
        f"**{words.plain(found.label)}**). Ask about new images to learn how good it is.",
        icon=":material/content_copy:",
    )


@st.cache_data(max_entries=500, show_spinner=False)
def _found(run_id: str, key: caches.Stamp, _file: Path) -> seen.Seen | None:
    return seen.find(runs.load(run_id), _file)
