"""The training images most like an upload, as the model sees them: an answer's witnesses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core import errors, runs
from pages.parts import caches, gallery, problems, thumbs, words
from pages.parts.classify import model

COUNT = 6
NOTHING = (
    "This run keeps nothing of its images to compare with: they are too few, or the weights that it started "
    "from are gone from this machine."
)
NEAR = {
    "very near": "As near as its images are to each other: it has seen very much this before.",
    "near": "A little farther than its images usually are from each other.",
    "far": "Farther than nearly all of its images are from each other: it has seen nothing quite like this.",
}


def draw(run: runs.Run, one: model.Picked) -> None:
    """Six training images with their labels and how near they are, nearest first."""
    image = caches.stamp(*([one.file] if one.file else []))
    try:
        found = _nearest(run.id, model.stamp(run), image, one.file)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    if found is None:
        st.caption(NOTHING)
        return
    st.markdown(
        "These images of the training and validation sets are nearest to yours in the model's eyes. "
        f"{NEAR[found[0][1]]}"
    )
    dataset = run.dataset()
    if dataset is None:
        st.caption(f"The dataset {run.config()['dataset']} is gone, so only its labels are left.")
        st.markdown(" · ".join(words.plain(f"{near.label}, {how} ({near.path})") for near, how in found))
        return
    hashes = run.manifest().set_index("path")["sha256"]
    gallery.show(
        [
            gallery.Item(
                id=near.path,
                url=thumbs.url(dataset, near.path, hashes[near.path]),
                caption=f"{near.label} · {how}",
                note=f"{near.path}: {how}, cosine distance {near.distance:.2f}",
            )
            for near, how in found
        ]
    )


@st.cache_data(max_entries=200, show_spinner="Comparing with the training images …")
def _nearest(run_id: str, key: caches.Stamp, image: caches.Stamp, _file: Path) -> list[Any] | None:
    """Each neighbour with its distance in a word; None where the run keeps none."""
    from core.inference import neighbours

    loaded = model.predictor(runs.load(run_id))
    if loaded.known is None:
        return None
    scale = neighbours.scale(loaded.known)
    found = neighbours.nearest(loaded.known, loaded.transform.read(_file)[None], count=COUNT)[0]
    return [(near, scale.near(near.distance)) for near in found]
