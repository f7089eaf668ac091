"""Our few style rules, with the theme's colours for the mode that this visitor sees."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from pages.parts import charts


def apply() -> None:
    """Put the rules of `style.css` on the page."""
    option = f"theme.{charts.mode()}."
    st.html(_style(st.get_option(f"{option}primaryColor"), st.get_option(f"{option}textColor")))


@lru_cache(maxsize=4)
def _style(primary: str, text: str) -> str:
    rules = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    return f"<style>\n:root {{ --fg-primary: {primary}; --fg-text: {text}; }}\n{rules}</style>"
