"""Which of the Split page's two views is shown: the split that is chosen, or the form for a new one."""

from __future__ import annotations

import streamlit as st

KEY = "split-view"  # of the control
THIS, NEW = "This split", "New split"
_MADE = "split-made"  # the name of the split that was made just now
_ASKED = "split-view-asked"


def made(name: str) -> None:
    """Say that a split of that name was made just now: it is what the page shows next."""
    st.session_state[_MADE] = name
    st.session_state[_ASKED] = THIS


def ask_new() -> None:
    """Have the form shown when the page is opened next."""
    st.session_state[_ASKED] = NEW


def was_made(name: str) -> bool:
    """Whether that split was made just now; True once."""
    return st.session_state.pop(_MADE, None) == name


def take_over(split: str) -> None:
    """Choose the view before the control is drawn: the one asked for, or `split` where it is another now."""
    shown = st.session_state.get("split-shown")
    if asked := st.session_state.pop(_ASKED, None):
        st.session_state[KEY] = asked
    elif shown not in (None, split):  # chosen in the sidebar: that is what the person wants to see
        st.session_state[KEY] = THIS
    st.session_state["split-shown"] = split
    st.session_state.setdefault(KEY, THIS)
