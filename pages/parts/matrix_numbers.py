"""The numbers in a matrix's cells, each in the ink that can be read on its cell."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.parts import charts

INKS = ("#FFFFFF", "#111827")
FALLBACK = ["#EEF2FF", "#312E81"]


def traces(
    words: list[list[str]], shares: np.ndarray, rows: list[str], columns: list[str]
) -> list[go.Scatter]:
    """`words` (rows, columns), written on cells that are coloured by `shares`; empty ones are left out.

    Traces of their own, because what Plotly writes into a heatmap is faint on cells of middling colour; and
    one for each ink, because Plotly dims the text of a chart that was clicked unless it is told one colour.
    """
    cells = [(t, a) for t, line in enumerate(words) for a, text in enumerate(line) if text]
    size = 13 if len(columns) <= 6 else 11 if len(columns) <= 13 else 9
    found = []
    for colour in INKS:
        mine = [(t, a) for t, a in cells if ink(shares[t, a]) == colour]
        found.append(
            go.Scatter(
                x=[columns[a] for _, a in mine],
                y=[rows[t] for t, _ in mine],
                text=[words[t][a] for t, a in mine],
                mode="text",
                textfont={"size": size, "color": colour},
                hoverinfo="skip",
                selected={"textfont": {"color": colour}},
                unselected={"textfont": {"color": colour}},
            )
        )
    return found


def ink(share: float) -> str:
    """Black or white, whichever stands out more on the theme's colour for `share` (0 to 1)."""
    scale = st.get_option(f"theme.{charts.mode()}.chartSequentialColors") or FALLBACK
    place = float(np.nan_to_num(share)) * (len(scale) - 1)
    low, high = (np.array(_rgb(scale[int(end)])) for end in (np.floor(place), np.ceil(place)))
    ground = _luminance(low + (high - low) * (place % 1))
    return max(INKS, key=lambda one: contrast(_luminance(np.array(_rgb(one))), ground))


def contrast(one: float, other: float) -> float:
    """The contrast of two luminances, 1 to 21, as WCAG 2 defines it; 4.5 is asked of small text."""
    light, dark = max(one, other), min(one, other)
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: np.ndarray) -> float:
    """Relative luminance, 0 to 1, of a colour (3,) in 0 to 255 (WCAG 2)."""
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
