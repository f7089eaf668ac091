"""Ways to bring images: choose or drop files, paste, a whole folder, the camera."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

WAYS = {
    "files": ":material/upload: Images",
    "folder": ":material/folder: Folder",
    "camera": ":material/photo_camera: Camera",
}
MAX_IMAGES = 2000
"""More than this at once should go through the command line, which streams them."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One file as it came from the browser; `key` tells it from every other upload of the session."""

    key: str
    name: str
    file: st.runtime.uploaded_file_manager.UploadedFile

    @property
    def data(self) -> bytes:
        """The bytes, as uploaded."""
        return self.file.getvalue()


def draw() -> list[Upload]:
    """The input that the person chose, and what it holds now."""
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
        files = _camera() if way == "camera" else _files(way)
    if len(files) > MAX_IMAGES:
        st.warning(
            f"These are {len(files):,} files; the first {MAX_IMAGES:,} are answered. For more, use the "
            "command line: `python -m core predict RUN FOLDER --csv FILE` streams any number."
        )
    return [Upload(key=file.file_id, name=file.name, file=file) for file in files[:MAX_IMAGES]]


def _files(way: str) -> list:
    several = "directory" if way == "folder" else True
    return st.file_uploader(
        "Drop images here, paste them, or choose files: JPEG, PNG, WebP, BMP, GIF or TIFF",
        accept_multiple_files=several,
        key=f"classify-{way}",
    )


def _camera() -> list:
    picture = st.camera_input("Take a picture", key="classify-camera", width=480)
    return [picture] if picture else []
