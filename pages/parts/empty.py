"""What a page shows when what it needs is not there yet: why, and the one thing to do."""

from __future__ import annotations

import streamlit as st

from pages.parts import nav


def draw(sentence: str, page: str, label: str) -> None:
    """A quiet card with the reason and a button that leads to `page`."""
    with st.container(border=True, key="empty-card"):
        st.markdown(f"#### :material/{nav.PAGES[page].icon}: {sentence}")
        st.markdown("Or let the sample on *Home* lead you through every step.")
        with st.container(horizontal=True):
            nav.button(page, label, key="empty-go")
            nav.button("home", "Try it with sample images", key="empty-home", primary=False)
