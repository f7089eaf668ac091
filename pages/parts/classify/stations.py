"""The inner stations of one image as pictures: its three colour planes, and its features as a strip."""

from __future__ import annotations

import html
from typing import Any

import streamlit as st

from pages.parts import charts

PLANES = ("red", "green", "blue")
_STYLE = """<style>
.fg-features { display: grid; grid-template-columns: repeat(auto-fill, minmax(9px, 1fr)); gap: 1px; }
.fg-features i { height: 12px; border-radius: 1px; }
</style>"""


def tensor(inside: Any) -> None:
    """The image tensor: three planes of numbers, with their range."""
    depth, height, width = inside.tensor.shape
    low, high = float(inside.tensor.min()), float(inside.tensor.max())
    st.markdown(
        f"**1 · The image tensor, `({depth}, {height}, {width})`.** The image is cut to a square, and each "
        f"colour becomes a plane of numbers, shifted and scaled as the network knows them: here {low:.2f} to "
        f"{high:.2f}."
    )
    with st.container(horizontal=True):
        st.image(inside.pixels, width=112, caption="the square", alt="The square that the model sees")
        for place, name in enumerate(PLANES):
            plane = inside.pixels[:, :, place]
            st.image(plane, width=112, caption=name, alt=f"How much {name} each pixel holds")


def features(inside: Any, backbone: str) -> None:
    """Every feature as a small field, the darker (in dark mode the brighter) the larger."""
    values = inside.features
    low, high = float(values.min()), float(values.max())
    st.markdown(
        f"**2 · {len(values):,} features.** {backbone} turns the tensor into {len(values):,} numbers, each "
        f"for something that it has learned to notice: here {low:.2f} to {high:.2f}, one field each, the "
        "stronger its colour the larger."
    )
    st.html(_STYLE + strip([float(value) for value in values], _scale()))


def strip(values: list[float], colours: list[str]) -> str:
    """Values as a strip of coloured fields, in HTML."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    levels = [min(len(colours) - 1, int((value - low) / span * len(colours))) for value in values]
    fields = "".join(
        f'<i style="background:{colours[level]}" title="{place}: {value:.3f}"></i>'
        for place, (value, level) in enumerate(zip(values, levels, strict=True))
    )
    label = html.escape(f"{len(values)} features from {low:.2f} to {high:.2f}")
    return f'<div class="fg-features" role="img" aria-label="{label}">{fields}</div>'


def _scale() -> list[str]:
    return list(st.get_option(f"theme.{charts.mode()}.chartSequentialColors"))
