"""Four ways to bring images: a sample, an upload, a folder on this machine, CIFAR-10."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from core import errors, paths
from core.data import datasets
from pages.parts import problems, progress, state, thumbs, uploads
from pages.parts.dataset import views

SHAPE = (
    "One folder per class: `cats/1.jpg`, `cats/2.jpg`, `dogs/1.jpg` … "
    "A zip of such folders, `train/` and `test/` folders around them, or a table with file names and labels "
    "work as well. JPEG, PNG, WebP, BMP, GIF and TIFF are read."
)


SAMPLES = {
    "drawn-animals": (
        "Drawn animals",
        "Birds, cats and dogs in many breeds, poses and places, drawn by our own code.",
        "Made on this machine in a few seconds.",
    ),
    "digits": (
        "Handwritten digits",
        "1,797 real scans of the digits 0 to 9, eight pixels a side: small, quick, and not trivial.",
        "Comes with scikit-learn: nothing to download.",
    ),
    "cifar10": (
        "CIFAR-10: bird, cat, dog",
        "Small photos of the three classes of the workshop lesson, from a well-known benchmark.",
        "Downloads 170 MB, and only when you press the button.",
    ),
}


def draw(current: datasets.Dataset | None = None) -> None:
    """The choice of a way, and that way's inputs; with a `current` dataset, its images can be added to."""
    ways = ["Sample", "Upload", "Folder on this machine"]
    way = st.segmented_control("Where are your images?", ways, default="Sample", key="bring-way")
    if way in (None, "Sample"):
        _samples()
    else:
        (_upload if way == "Upload" else _folder)(_target(current))


def _target(current: datasets.Dataset | None) -> str | None:
    """The dataset that the images are added to; None: a new one."""
    if current is None:
        return None
    new, more = "A new dataset", f"More images for {current.name}"
    chosen = st.radio("What becomes of them", [new, more], horizontal=True, key="bring-target")
    return current.name if chosen == more else None


def _samples() -> None:
    pressed = None
    for column, (name, (title, text, small)) in zip(st.columns(len(SAMPLES)), SAMPLES.items(), strict=True):
        with column, st.container(border=True, height="stretch"):
            if name != "cifar10":  # its pictures are not here before the download
                st.html(thumbs.strip(name))
            st.markdown(f"#### {title}")
            st.markdown(text)
            st.caption(small)
            if datasets.exists(name):
                if st.button("Open it", key=f"sample-{name}", icon=":material/folder_open:"):
                    _open(name)
            elif st.button("Use this sample", key=f"sample-{name}", type="primary"):
                pressed = name
    if pressed and _take(pressed, None):  # below the cards, where the progress has room
        _open(pressed)


def _upload(target: str | None) -> None:
    st.caption(SHAPE)
    left, right = st.columns(2, gap="medium")
    generation = st.session_state.get("upload-generation", 0)  # a new key empties the uploaders
    files = left.file_uploader(
        "Zips, or images with a table", accept_multiple_files=True, key=f"upload-files-{generation}"
    )
    folder = right.file_uploader(
        "A folder with one subfolder per class",
        accept_multiple_files="directory",
        key=f"upload-folder-{generation}",
    )
    received = [*(files or []), *(folder or [])]
    if not received:
        return
    name = (
        target
        or st.text_input("Name", uploads.suggested_name(received), key=f"upload-name-{generation}").strip()
    )
    if st.button("Add these images", type="primary", key="add-upload", icon=":material/upload:"):
        done = _take(name, uploads.received(received), extend=bool(target))
        if done:
            st.session_state["upload-generation"] = generation + 1
            _open(name)


def _folder(target: str | None) -> None:
    st.caption(f"{SHAPE} The images stay where they are; they are read, never changed.")
    path = st.text_input(
        "Path of the folder, zip or table", placeholder="/home/you/pets", key="folder-path"
    ).strip()
    source = paths.expanded(path)
    suggestion = datasets.source_name(source) if path else ""
    name = target or st.text_input("Name", suggestion, key=f"folder-name-{suggestion}").strip()
    ready = bool(path and name)
    if st.button("Add this folder", type="primary", key="add-folder", disabled=not ready) and _take(
        name, source, extend=bool(target)
    ):
        _open(name)


def _take(name: str, source: datasets.Source | None, *, extend: bool = False) -> bool:
    """Index images with the progress shown; an error is shown here, and False returned."""
    place = st.empty()
    with place.container():
        hint = "This can be stopped at any time: press any button, or leave the page."
        report = progress.bar(f"Reading {name}", hint)
    before = len(datasets.load(name).table) if extend else 0
    try:
        if extend and source is not None:
            found = datasets.extend(name, source, progress=report)
        else:
            found = datasets.add(name, source, progress=report)
    except errors.FieldguideError as error:
        place.empty()
        problems.show(error)
        st.toast("Nothing was added: the reason stands below the button.", icon=":material/error:")
        return False
    st.toast(f"{len(found.table) - before:,} images added to {name}.", icon=":material/check:")
    return True


def _open(name: str) -> NoReturn:
    """Show the dataset; the form that brought it closes."""
    state.choose(dataset=name)
    views.turn_to("Overview")
