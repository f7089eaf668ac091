"""From the browser's uploads to what core takes in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.data import datasets, uploads


def received(files: Sequence[UploadedFile]) -> list[uploads.Upload]:
    """The uploaded files as core reads them; a folder's files keep their names with folders."""
    return [uploads.Upload(name=file.name, size=file.size, stream=file) for file in files]


def suggested_name(files: Sequence[UploadedFile]) -> str:
    """A dataset's name from the first uploaded file: its top folder, or the file's own name."""
    first = PurePosixPath(files[0].name)
    return datasets.source_name(Path(first.parts[0]) if len(first.parts) > 1 else Path(first.name))
