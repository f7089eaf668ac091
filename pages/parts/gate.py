"""The sign-in gate of a team's server: open where no sign-in is configured, shut for strangers where one is.

Sign-in is Streamlit's own (OpenID Connect), switched on by an `[auth]` section in `.streamlit/secrets.toml`;
it needs `pip install "streamlit[auth]"`. Routes beside the pages guard themselves: thumbnails by signed
addresses, the HTTP interface by its token.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core import errors


def passed() -> bool:
    """Whether this visitor may see the pages; draws the way to sign in where not.

    Raises:
        WorkspaceError: there is a secrets file that cannot be read: it may ask for sign-in, so nobody passes.
    """
    if not _configured() or st.user.get("is_logged_in", False):
        return True
    st.title("Fieldguide", anchor=False)
    with st.container(border=True, key="sign-in"):
        st.markdown("This server belongs to a team. Sign in to see its images and models.")
        st.button("Sign in", type="primary", icon=":material/login:", on_click=st.login, key="sign-in-button")
    return False


def _configured() -> bool:
    if st.secrets.load_if_toml_exists():
        return "auth" in st.secrets
    if any(Path(file).exists() for file in st.get_option("secrets.files")):
        raise errors.WorkspaceError(
            "The server's secrets.toml cannot be read, and it may ask for sign-in. Mend or remove it."
        )
    return False
