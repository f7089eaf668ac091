"""What gives a class away without a look at its subject, with images that show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.data import datasets
from core.data import shortcuts as shortcut_check
from pages.parts import gallery
from pages.parts.dataset import browse
from pages.parts.words import plain

_EXAMPLES = 8
_CLASSES = 10


def draw(dataset: datasets.Dataset, found: Sequence[dict[str, Any]]) -> None:
    """What gives each class away, all of a class together, with its images beside images of the rest."""
    by_class: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        by_class.setdefault(one["class"], []).append(one)
    for label, listed in list(by_class.items())[:_CLASSES]:
        with st.container(border=True):
            st.markdown(f"**{plain(label)}**")
            st.markdown("\n".join(f"- {plain(shortcut_check.in_words(one))}" for one in listed))
            _class_beside_the_rest(dataset, label)
    if len(by_class) > _CLASSES:
        st.caption(f"… and {len(by_class) - _CLASSES} more classes.")
    st.caption(
        "What helps: bring images of the class that look like the others in this respect, or of the others "
        "that look like it. Until then, mistrust a model that does well on this class."
    )


def _class_beside_the_rest(dataset: datasets.Dataset, label: str) -> None:
    inside = dataset.table["label"] == label
    left, right = st.columns(2)
    for column, title, rows in (
        (left, label, dataset.table[inside]),
        (right, "the rest", dataset.table[~inside]),
    ):
        with column:
            st.caption(title)
            paths = rows["path"].sample(min(_EXAMPLES, len(rows)), random_state=0).tolist()
            gallery.show(browse.items(dataset, paths))
