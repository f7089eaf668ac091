"""A folder on the server: any number of images, answered into a CSV that can be taken up where it stopped."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core import errors, runs, workspace
from pages.parts import classify_model, progress
from pages.parts import finetune_words as words

_RESULT = "classify-server-result"
SHOWN = 200


def draw(run: runs.Run, *, share: float) -> None:
    """Ask for a folder, answer all of it with progress, and offer the table."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        path = st.text_input(
            "Folder of images on the server",
            placeholder="/data/photos",
            key="classify-server",
            width="stretch",
        ).strip()
        go = st.button(
            "Answer all", key="classify-server-go", disabled=not path, icon=":material/play_arrow:"
        )
    st.caption("The images are read, never changed. Stopped in the middle, it goes on from there.")
    if go:
        folder = Path(path).expanduser()
        if not folder.exists():
            st.error(f"There is no {folder} on the server. Check the path.", icon=":material/error:")
            return
        st.session_state[_RESULT] = (run.id, _answer(run, folder, share))
    said = st.session_state.get(_RESULT)
    if said and said[0] == run.id:
        _show(said[1])


def _answer(run: runs.Run, folder: Path, share: float) -> dict[str, Any]:
    """Every image below `folder`, in flat memory; what an earlier call has answered is kept."""
    from core.inference import batch

    model = classify_model.predictor(run, share=share)
    key = hashlib.sha256(repr((classify_model.stamp(run), share, str(folder.resolve()))).encode())
    target = workspace.cache_folder("answers") / f"{run.id}-{key.hexdigest()[:12]}.csv"
    place = st.empty()
    with place:
        tell = progress.bar("Classifying")
    try:
        return batch.to_csv(model, [folder], target, progress=tell)
    except errors.InferenceError:  # the folder holds other images than the last time
        target.unlink(missing_ok=True)
        return batch.to_csv(model, [folder], target, progress=tell)
    finally:
        place.empty()


def _show(found: dict[str, Any]) -> None:
    file = Path(found["csv"])
    refused = f", {found['n_errors']:,} of them without an answer" if found["n_errors"] else ""
    st.markdown(f"**{found['n_images']:,} images**{refused}.")
    table = pd.read_csv(file, nrows=SHOWN, dtype={"error": str}).fillna({"error": ""})
    st.dataframe(table, hide_index=True, height=320)
    if found["n_images"] > SHOWN:
        st.caption(f"The first {SHOWN} of them; the download holds all.")
    with open(file, "rb") as data:
        st.download_button(
            f"Download the table ({words.size(file.stat().st_size)})",
            data=data,
            file_name="answers.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="classify-server-csv",
        )
