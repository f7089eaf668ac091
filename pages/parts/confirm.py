"""Asking before something is deleted for good."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core import errors
from pages.parts import problems


def deletion(title: str, text: str, delete: Callable[[], None]) -> None:
    """Open a dialog with Delete and Cancel; after `delete` the page is shown anew, an error in the dialog."""

    @st.dialog(title, icon=":material/delete:")
    def ask() -> None:
        st.markdown(text)
        with st.container(horizontal=True):
            if st.button("Delete", type="primary", icon=":material/delete:", key="really-delete"):
                try:
                    delete()
                except errors.FieldguideError as error:
                    problems.show(error)
                else:
                    st.rerun()
            if st.button("Cancel", key="cancel-delete"):
                st.rerun()

    ask()
