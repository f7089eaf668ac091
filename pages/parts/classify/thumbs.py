"""Small pictures of what was brought, so that the browser is not sent the originals again."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Literal

import streamlit as st
from PIL import Image

from core import errors
from core.data import images
from pages.parts import caches

PREVIEW, THUMB, TALLEST = 640, 96, 400


def show(file: Path | None, name: str) -> None:
    """The preview, as wide as its column, no taller than `TALLEST` pixels; nothing for an unreadable file."""
    picture = preview(file)
    if picture is None:
        return
    width, height = Image.open(io.BytesIO(picture)).size
    fits: int | Literal["stretch"] = round(TALLEST * width / height) if height > width else "stretch"
    st.image(picture, width=fits, alt=f"The image {name}")


def preview(file: Path | None) -> bytes | None:
    """The image upright in RGB as JPEG, at most 640 pixels a side; None if it cannot be read."""
    return _scaled(caches.stamp(file), PREVIEW, file) if file else None


def data_url(file: Path | None) -> str | None:
    """A 96-pixel thumbnail as an address that holds the picture itself, for tables."""
    data = _scaled(caches.stamp(file), THUMB, file) if file else None
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}" if data else None


@st.cache_data(max_entries=1000, show_spinner=False)
def _scaled(key: caches.Stamp, side: int, _file: Path) -> bytes | None:
    try:
        image = images.decode(_file, short_side=side)
    except errors.ImageError:
        return None
    image.thumbnail((side, side))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=88)
    return stream.getvalue()
