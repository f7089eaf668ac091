"""What every chapter of the lesson shares: its heading, its diagram, and the way to the page that does it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.parts import drawings, nav


def diagram(name: str, *, alt: str, width: int = 400) -> None:
    """One of our diagrams, its text in the colour of the visitor's theme."""
    st.image(drawings.read(name), width=width, alt=alt)


def chapter(number: int, title: str, text: str, *, picture: str | None = None, alt: str = "") -> None:
    """Heading, explanation and diagram; what is the person's own follows below."""
    st.subheader(f"{number} · {title}", anchor=f"chapter-{number}", divider="gray")
    if picture is None:
        with st.container(width=720):  # lines that are easy to read
            st.markdown(text)
        return
    left, right = st.columns([6, 5], gap="large")
    left.markdown(text)
    with right:
        diagram(picture, alt=alt)


@contextmanager
def own(number: int, title: str) -> Iterator[None]:
    """The card that holds what the chapter looks like on the person's own images."""
    with st.container(border=True, key=f"lesson-own-{number}"):
        st.markdown(f"**:material/photo_library: On your images:** {title}")
        yield


def go_on(page: str, label: str) -> None:
    """The link to the page where this step is done."""
    nav.link(page, label)


def not_yet(sentence: str, page: str, label: str) -> None:
    """What is missing before this chapter can be played on the person's own images."""
    st.caption(sentence)
    go_on(page, label)
