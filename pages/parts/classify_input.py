"""Ways to bring images: choose or drop files, paste, a whole folder, a zip, the camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core import errors
from core.data import archives
from pages.parts import classify_unpack, problems

WAYS = {
    "files": ":material/upload: Images",
    "folder": ":material/folder: Folder",
    "camera": ":material/photo_camera: Camera",
    "server": ":material/dns: On the server",
}
MAX_IMAGES = 2000
"""More than this at once should go through the command line, which streams them."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One image to be answered; `key` tells it from every other of the session.

    `source` is what came from the browser, or a file that was unpacked from a zip.
    """

    key: str
    name: str
    source: Any

    @property
    def data(self) -> bytes:
        """The bytes, as uploaded."""
        return self.source.read_bytes() if isinstance(self.source, Path) else self.source.getvalue()


def draw() -> tuple[str, list[Upload]]:
    """The input that the person chose, and the images that it holds now."""
    with st.container(border=True, key="classify-input"):
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
            return way, []
        files = _camera() if way == "camera" else _files(way)
        uploads = [upload for file in files for upload in _opened(file)]
    if len(uploads) > MAX_IMAGES:
        st.warning(
            f"These are {len(uploads):,} images; the first {MAX_IMAGES:,} are answered. For more, name a "
            "folder on the server, or use the command line."
        )
    return way, uploads[:MAX_IMAGES]


def _opened(file: Any) -> Sequence[Upload]:
    """An upload as it is, or what is inside it."""
    if not archives.is_archive(file.name):
        return [Upload(key=file.file_id, name=file.name, source=file)]
    try:
        found = classify_unpack.images(file.file_id, file)
    except errors.FieldguideError as error:  # one bad zip does not spoil what came beside it
        problems.show(error)
        return []
    return [Upload(key=f"{file.file_id}/{name}", name=name, source=path) for name, path in found]


def _files(way: str) -> list[Any]:
    return st.file_uploader(
        "Drop images or zips here, paste, or choose files: JPEG, PNG, WebP, BMP, GIF or TIFF",
        accept_multiple_files="directory" if way == "folder" else True,
        key=f"classify-{way}",
    )


def _camera() -> list[Any]:
    picture = st.camera_input("Take a picture", key="classify-camera", width=480)
    return [picture] if picture else []
