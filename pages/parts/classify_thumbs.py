"""Small pictures of uploads, so that the browser is not sent the originals again."""

from __future__ import annotations

import base64
import io

import streamlit as st

from core import errors
from core.data import images
from pages.parts import classify_input

PREVIEW, THUMB = 640, 96


def preview(upload: classify_input.Upload) -> bytes | None:
    """The image upright in RGB as JPEG, at most 640 pixels a side; None if it cannot be read."""
    return _scaled(upload.key, PREVIEW, upload)


def data_url(upload: classify_input.Upload) -> str | None:
    """A 96-pixel thumbnail as an address that holds the picture itself, for tables."""
    data = _scaled(upload.key, THUMB, upload)
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}" if data else None


@st.cache_data(max_entries=3000, show_spinner=False)
def _scaled(key: str, side: int, _upload: classify_input.Upload) -> bytes | None:
    try:
        image = images.decode(_upload.data, short_side=side)
    except errors.ImageError:
        return None
    image.thumbnail((side, side))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=88)
    return stream.getvalue()
