"""What a page shows when what it needs is not there yet: why, and the one thing to do."""

from __future__ import annotations

import streamlit as st

from pages.parts import nav, steps

_FIRST = {"dataset": "Bring images", "split": "Divide the images"}


def draw(sentence: str, page: str, label: str) -> None:
    """A quiet card with the reason and a button that leads to `page`, or to what has to come before that."""
    ahead = steps.next_step()
    if ahead and ahead.page in _FIRST and steps.ORDER.index(ahead.page) < steps.ORDER.index(page):
        page, label = ahead.page, _FIRST[ahead.page]
    with st.container(border=True, key="empty-card"):
        st.markdown(f"#### :material/{nav.PAGES[page].icon}: {sentence}")
        st.markdown("To see first how it works, let the sample on *Home* lead you through every step.")
        with st.container(horizontal=True):
            nav.button(page, label, key="empty-go")
            nav.button("home", "Try it with sample images", key="empty-home", primary=False)
