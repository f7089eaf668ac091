"""The training images most like an upload, as the model sees them: an answer's witnesses."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from pages.parts import caches, classify_input, classify_model, gallery, thumbs

COUNT = 6
NOTHING = (
    "This run keeps nothing of its images to compare with: they are too few, or the weights that it started "
    "from are gone from this machine."
)


def draw(run: runs.Run, upload: classify_input.Upload) -> None:
    """Six training images with their labels, nearest first."""
    found = _nearest(run.id, classify_model.stamp(run), upload.key, upload)
    if found is None:
        st.caption(NOTHING)
        return
    st.markdown("These images of the training and validation sets are nearest to yours in the model's eyes.")
    dataset = run.dataset()
    if dataset is None:
        st.caption(f"The dataset {run.config()['dataset']} is gone, so only its labels are left.")
        st.markdown(" · ".join(f"{one.label} ({one.path})" for one in found))
        return
    hashes = run.manifest().set_index("path")["sha256"]
    gallery.show(
        [
            gallery.Item(
                id=one.path,
                url=thumbs.url(dataset, one.path, hashes[one.path]),
                caption=one.label,
                note=f"{one.path}, distance {one.distance:.2f}",
            )
            for one in found
        ]
    )


@st.cache_data(max_entries=200, show_spinner="Comparing with the training images …")
def _nearest(
    run_id: str, key: caches.Stamp, upload_key: str, _upload: classify_input.Upload
) -> list[Any] | None:
    from core.inference import neighbours

    model = classify_model.predictor(runs.load(run_id))
    if model.known is None:
        return None
    return neighbours.nearest(model.known, model.transform.read(_upload.data)[None], count=COUNT)[0]
