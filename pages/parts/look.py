"""Our few style rules, with the theme's colours for the mode that this visitor sees."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from pages.parts import charts


def apply() -> None:
    """Put the rules of `style.css` on the page."""
    option = f"theme.{charts.mode()}."
    names = ("primaryColor", "textColor", "backgroundColor")
    st.html(_style(*(st.get_option(f"{option}{name}") for name in names)))


@lru_cache(maxsize=4)
def _style(primary: str, text: str, background: str) -> str:
    rules = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    colours = f"--fg-primary: {primary}; --fg-text: {text}; --fg-background: {background};"
    return f"<style>\n:root {{ {colours} }}\n{rules}</style>"
