"""What is inside an uploaded zip, unpacked to the disk for as long as somebody looks at it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from core import workspace
from core.data import archives

SECONDS_KEPT = 3600


def images(key: str, file: Any) -> list[tuple[str, Path]]:
    """The images in the zip, by their names inside it; what is unsafe or damaged was left out.

    Raises:
        ArchiveError: it cannot be unpacked.
    """
    from core.inference import batch  # imports torch: only now that there is something to answer

    folder = _unpacked(key, file)
    return [(path.relative_to(folder).as_posix(), path) for path in batch.files([folder])]


def _forget(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


@st.cache_resource(max_entries=8, ttl=SECONDS_KEPT, show_spinner="Unpacking …", on_release=_forget)
def _unpacked(key: str, _file: Any) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="zip-", dir=workspace.cache_folder("uploads")))
    _file.seek(0)
    archives.unpack(_file, folder, _file.name)
    return folder
