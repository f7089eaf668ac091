"""A `core.progress.Progress` that draws a bar, a few times a second at most."""

from __future__ import annotations

import time
import zlib

import streamlit as st

from core import progress

_EVERY = 0.15  # seconds between drawings: each one is a message to the browser


def bar(label: str, hint: str = "") -> progress.Progress:
    """Draw an empty bar and return the function that moves it.

    It floats at the lower edge of the window while it is there (`style.css`): the button that began the work
    may be anywhere on the page.
    """
    with st.container(key=f"working-{zlib.crc32(label.encode())}"):
        drawn = st.progress(0.0, text=label)
        if hint:
            st.caption(hint)
    last = time.monotonic()

    def report(done: int, total: int, message: str) -> None:
        nonlocal last
        if time.monotonic() - last < _EVERY and done != total:
            return
        last = time.monotonic()
        share = min(1.0, done / total) if total else 0.0
        drawn.progress(
            share, text=f"{message or label} ({done:,} of {total:,})" if total else message or label
        )

    return report
