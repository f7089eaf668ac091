"""How readily the model says "I don't know"."""

from __future__ import annotations

import streamlit as st

KEY = "classify-share"
HELP = (
    "An image unlike all training images is said to be unknown, rather than called a bird with 99 %. How "
    "unlike is too unlike is read off the known images themselves: the share of them that you accept to lose "
    "decides."
)


def share() -> float:
    """The share of known images that may be turned away, as the person chose it: 5 % at first."""
    with st.popover("I don't know", icon=":material/help_center:", width="stretch"):
        st.markdown(HELP)
        chosen = st.slider(
            "Known images turned away", 1, 20, 5, format="%d %%", key=KEY, persist_state="session"
        )
    return chosen / 100
