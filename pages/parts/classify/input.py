"""Ways to bring images: choose or drop files, paste, a whole folder, a zip, the camera."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core import errors
from core.inference import intake
from pages.parts import words

WAYS = {
    "files": ":material/upload: Images",
    "folder": ":material/folder: Folder",
    "camera": ":material/photo_camera: Camera",
    "server": ":material/dns: On the server",
}
LABELS = {
    "files": "Drop images or zips here, paste one, or choose files",
    "folder": "Drop a folder here, or choose one",
}
BROWSERS = {
    "files": "JPEG, PNG, WebP, BMP, GIF or TIFF, or a zip or tar of them. To paste a copied image, go to the "
    "button with the Tab key, then press Ctrl+V, or Cmd+V on a Mac.",
    "folder": "Chrome, Edge, Firefox and Safari can send a whole folder from a computer; most phones cannot.",
    "camera": "Every browser of today can, once you allow it; they give the camera only to pages from this "
    "computer itself or over https.",
}
_TRAY, _ROUND, _REFUSED = "classify-tray", "classify-round", "classify-refused"
_MOST_SAID = 5


def draw() -> tuple[str, intake.Tray, DeltaGenerator]:
    """The input that the person chose, what they have brought so far, and the card to add to."""
    tray = _tray()
    card = st.container(border=True, key="classify-input")
    with card:
        way = st.segmented_control(
            "Bring images by",
            list(WAYS),
            format_func=WAYS.get,
            default="files",
            required=True,
            key="classify-way",
            label_visibility="collapsed",
            persist_state="session",
        )
        if way == "server":
            return way, tray, card
        if not tray.touch():
            st.info("What you brought lay untouched for a day and was removed. Bring it again.")
        files = _brought(way)
        if files:
            with st.spinner("Keeping what you brought …"):
                st.session_state[_REFUSED] = _take(tray, files)
            st.session_state[_ROUND] = _round() + 1  # a new, empty input: the old one's files can go
            st.rerun()
        for sentence in st.session_state.get(_REFUSED, []):
            st.error(words.plain(sentence), icon=":material/error:")
        st.caption(f"{BROWSERS[way]} {_limits()}")
        if tray.items:
            _held(tray)
    return way, tray, card


def _brought(way: str) -> Sequence[UploadedFile]:
    """What lies in the input now."""
    with st.container(key=f"classify-{way}"):
        if way == "camera":
            picture = st.camera_input("Take a picture", key=f"classify-camera-{_round()}", width=480)
            return [picture] if picture else []
        return st.file_uploader(
            LABELS[way],
            accept_multiple_files="directory" if way == "folder" else True,
            key=f"classify-{way}-{_round()}",
        )


def _take(tray: intake.Tray, files: Sequence[UploadedFile]) -> list[str]:
    """Put files into the tray and let go of their bytes; returns why some were not taken."""
    refused = []
    tray.begin()
    for file in files:
        try:
            tray.take(file.name, file.size, file)
        except errors.FieldguideError as error:  # one bad zip does not spoil what came beside it
            refused.append(str(error))
        _release(file)
    more = len(refused) - _MOST_SAID
    return refused[:_MOST_SAID] + ([f"And {more} more were left out."] if more > 0 else [])


def _release(file: UploadedFile) -> None:
    """Have the server's memory give up a file that lies on the disk by now."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(session_id=context.session_id, file_id=file.file_id)


def _held(tray: intake.Tray) -> None:
    """How much is there, and the way to begin anew."""
    with st.container(horizontal=True, vertical_alignment="center"):
        count = f"{len(tray.items):,} file{'s' * (len(tray.items) != 1)}"
        st.markdown(f"**{count}** :gray[· {words.size(tray.bytes)}]", width="stretch")
        if st.button("Start over", key="classify-clear", icon=":material/delete_sweep:", type="tertiary"):
            tray.clear()
            st.session_state.pop(_REFUSED, None)
            st.rerun()


def _limits() -> str:
    return (
        f"Up to {st.get_option('server.maxUploadSize')} MB a file, {intake.MOST_IMAGES:,} images and "
        f"{intake.MOST_BYTES / 2**30:.0f} GB at a time; for more, name a folder on the server."
    )


def _round() -> int:
    return int(st.session_state.get(_ROUND, 0))


def _tray() -> intake.Tray:
    """This visitor's tray; it goes when their session does."""
    if _TRAY not in st.session_state:
        st.session_state[_TRAY] = intake.open_tray()
    tray: intake.Tray = st.session_state[_TRAY]
    return tray
