"""Near-duplicates that hashes miss, crops and small turns: looked for with the network, when asked."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.data import datasets
from pages.parts import progress

BACKBONE, WEIGHTS = "resnet18", "auto"
Found = tuple[np.ndarray, str]  # clusters (n_images,) in the order of the table; what they were found with


def wanted(key: str) -> bool:
    """The switch that asks for it."""
    return st.toggle(
        "Look deeper, for crops and small turns",
        key=key,
        help="Runs the pretrained network over every image once (seconds to minutes), then compares pixels.",
    )


def clusters(dataset: datasets.Dataset) -> Found:
    """Clusters of near-duplicates by hashes and features together, with the progress shown; kept per version.

    Raises:
        FieldguideError: the weights cannot be had, or an image cannot be read any more.
    """
    place = st.empty()
    with place.container():
        found = _clusters((dataset.name, dataset.version, dataset.source["created"]), dataset)
    place.empty()
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _clusters(key: tuple[str, int, str], _dataset: datasets.Dataset) -> Found:
    # torch is loaded only now: no page needs it to be drawn
    from core.commands import features
    from core.data import crops

    found, basis = features.of_dataset(_dataset, BACKBONE, WEIGHTS, progress.bar("Looking at every image"))
    return crops.clusters(_dataset.table, found), basis
