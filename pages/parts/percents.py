"""Percentages in tables and on axes, written as everywhere else: "84.0 %"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
MOST_TICKS = 6


def scaled(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """`frame` with the shares (0 to 1) of the columns `names` as percentages; undefined ones stay so."""
    return frame.assign(**{name: 100 * frame[name].astype(float) for name in names})


def column(title: str, **look: Any) -> Any:
    """A table's column of `scaled` shares."""
    return st.column_config.NumberColumn(title, format="%.1f %%", **look)


def bar(title: str, **look: Any) -> Any:
    """The same, each with a bar from 0 to 100 %."""
    return st.column_config.ProgressColumn(title, format="%.1f %%", min_value=0, max_value=100, **look)


def hover(texts: Iterable[str]) -> dict[str, Any]:
    """What is said of each point under the pointer, for Plotly."""
    return {"hovertext": list(texts), "hovertemplate": "%{hovertext}<extra></extra>"}


def axis(low: float = 0.0, high: float = 1.0) -> dict[str, Any]:
    """The ticks of an axis of shares from `low` to `high`, for Plotly: its own format knows only "84%"."""
    step = next((one for one in STEPS if (high - low) / one <= MOST_TICKS), STEPS[-1])
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    places = [count * step for count in range(first, last + 1)]
    digits = 1 if step < 0.01 else 0
    return {"tickvals": places, "ticktext": [f"{100 * place:.{digits}f} %" for place in places]}
