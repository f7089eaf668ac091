"""Turning to one of the Dataset page's views from elsewhere on the page."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

KEY = "view"  # of the control that chooses the view, and of its name in the address
_ASKED = "dataset-view-asked"


def ask(view: str) -> None:
    """Have the page shown in that view when it is drawn next."""
    st.session_state[_ASKED] = view  # a widget's own value can only be set before it is drawn


def turn_to(view: str) -> NoReturn:
    """Show the page anew in that view. Not inside a callback."""
    ask(view)
    st.rerun(scope="app")


def take_over() -> None:
    """Choose the view that was asked for; to be called before the control is drawn."""
    if asked := st.session_state.pop(_ASKED, None):
        st.session_state[KEY] = asked
