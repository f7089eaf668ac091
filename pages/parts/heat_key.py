"""What the colours of a heat map over an image mean."""

from __future__ import annotations

import streamlit as st

_KEY = """<style>
.fg-heat-key { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .6rem; font-size: .85rem; }
.fg-heat-key i { width: 5rem; height: .7rem; border-radius: 4px;
  background: linear-gradient(90deg, rgba(0, 0, 128, .1), #0080ff 25%, #80ff80 50%, #ff8000 75%, #800000); }
</style>
<div class="fg-heat-key" role="img" aria-label="Colours: none or blue speaks little for the class, red most">
<span>speaks little for the class</span><i></i><span>speaks most for it</span></div>"""


def draw() -> None:
    """A strip from little (blue) to most (red)."""
    st.html(_KEY)
