"""From the browser's uploads to what core takes in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.data import uploads


def received(files: Sequence[UploadedFile]) -> list[uploads.Upload]:
    """The uploaded files as core reads them; a folder's files keep their names with folders."""
    return [uploads.Upload(name=file.name, size=file.size, stream=file) for file in files]


def suggested_name(files: Sequence[UploadedFile]) -> str:
    """A dataset's name from the first uploaded file: its top folder, or the archive's name."""
    first = PurePosixPath(files[0].name)
    return clean_name(first.parts[0] if len(first.parts) > 1 else first.name.split(".")[0])


def clean_name(name: str) -> str:
    """`name` with whatever a dataset's name may not hold replaced by '-'."""
    return re.sub(r"[^\w. -]+", "-", name).strip(" .-_")[:64].strip(" .-_") or "my images"
