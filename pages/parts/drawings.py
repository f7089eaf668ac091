"""Our drawings in `assets/`, their text in the colour of the visitor's theme."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import streamlit as st

from pages.parts import charts

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def read(name: str) -> str:
    """The drawing `name` as SVG."""
    return _recoloured(name, st.get_option(f"theme.{charts.mode()}.textColor"))


@lru_cache(maxsize=32)
def _recoloured(name: str, colour: str) -> str:
    drawing = (ASSETS / f"{name}.svg").read_text(encoding="utf-8")
    return re.sub(r'(<svg[^>]*?) color="[^"]*"', rf'\1 color="{colour}"', drawing, count=1)
