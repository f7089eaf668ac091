"""Taking many answers away: as a table, and the originals sorted into class folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

import pandas as pd
import streamlit as st

from core import errors, paths
from core.inference import answered, handing_out
from core.progress import Progress
from pages.parts import handover, problems, progress, words
from pages.parts.classify import model

_MADE = "classify-zip-of"


def draw(shown: model.Shown, view: pd.DataFrame) -> None:
    """Downloads of all answers, not only of those that pass the filter; each is made when it is clicked."""

    def csv() -> IO[bytes]:
        answered.to_csv(shown.folder, shown.rule, shown.folder / "answers.csv")
        return open(shown.folder / "answers.csv", "rb")

    def parquet() -> IO[bytes]:
        answered.to_parquet(shown.folder, shown.rule, shown.folder / "all" / "answers.parquet")
        return open(shown.folder / "all" / "answers.parquet", "rb")

    _download("CSV", csv, "answers.csv")
    _download("Parquet", parquet, "answers.parquet")
    with st.popover("Sorted originals", icon=":material/folder_zip:", key="classify-sort"):
        _originals(shown, view)


def _originals(shown: model.Shown, view: pd.DataFrame) -> None:
    st.markdown(
        "The images themselves, each in a folder of its class; those that the model does not know in one of "
        "their own. Your files stay where they are."
    )
    _zip(shown, view)
    path = st.text_input(
        "Or copy them into a new folder on the server", placeholder="/data/sorted", key="classify-sort-into"
    ).strip()
    if st.button("Copy", key="classify-sort-go", disabled=not path, icon=":material/drive_file_move:"):
        count = _told(lambda tell: handing_out.to_folder(view, paths.expanded(path), progress=tell))
        if count is not None:
            st.success(f"{count:,} images were copied into {words.plain(path)}.")


def _zip(shown: model.Shown, view: pd.DataFrame) -> None:
    """Made on the disk, and fetched from there: it may be larger than the memory."""
    target, of_these = shown.folder / "sorted.zip", (shown.stamp, shown.rule)
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Make a zip", key="classify-zip", icon=":material/folder_zip:")
        if pressed and _told(lambda tell: handing_out.to_zip(view, target, progress=tell)) is not None:
            st.session_state[_MADE] = of_these
        if st.session_state.get(_MADE) == of_these and target.exists():
            handover.link(f"Download the zip ({words.size(target.stat().st_size)})", target, "sorted.zip")


def _told(work: Callable[[Progress], int]) -> int | None:
    """Do it with a bar; None, and the sentence, where it cannot be done."""
    place = st.empty()
    try:
        with place:
            return work(progress.bar("Sorting the originals"))
    except errors.FieldguideError as error:
        problems.show(error)
        return None
    finally:
        place.empty()


def _download(label: str, data: Callable[[], IO[bytes]], name: str) -> None:
    st.download_button(
        label,
        data=data,
        file_name=name,
        on_click="ignore",
        icon=":material/table:",
        key=f"classify-{name}",
    )
