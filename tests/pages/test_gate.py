"""The sign-in gate: open by default, shut for strangers once sign-in is configured."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.parts import nav
from tests.pages.conftest import ROUTER, words

AUTH = {
    "redirect_uri": "http://localhost/oauth2callback",
    "cookie_secret": "x",
    "client_id": "x",
    "client_secret": "x",
    "server_metadata_url": "https://accounts.example/.well-known/openid-configuration",
}


@pytest.mark.parametrize("name", [name for name in nav.PAGES if nav.exists(name)])
def test_a_stranger_sees_no_page_where_sign_in_is_configured(workspace: object, name: str) -> None:
    at = AppTest.from_file(str(ROUTER), default_timeout=60)
    at.secrets["auth"] = AUTH
    if name != "home":
        at.switch_page(f"{name}.py")
    at.run()
    assert not at.exception
    assert [button.key for button in at.button] == ["sign-in-button"]
    assert "What happens here" not in words(at)
    assert not at.sidebar.selectbox


def test_without_such_a_section_the_pages_are_open(workspace: object) -> None:
    at = AppTest.from_file(str(ROUTER), default_timeout=60)
    at.secrets["other"] = {"key": "value"}
    at.run()
    assert at.title[0].value == nav.PAGES["home"].headline


def test_secrets_that_cannot_be_read_shut_the_gate(
    workspace: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "secrets.toml"
    damaged.write_text("[auth\n")
    get_option = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda key: [str(damaged)] if key == "secrets.files" else get_option(key)
    )
    at = AppTest.from_file(str(ROUTER), default_timeout=60).run()
    assert "secrets.toml" in at.error[0].value
    assert not at.title
