"""The confusion matrix: what was taken for what."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

KINDS = {"counts": "Counts", "rows": "Row %"}
MAX_WRITTEN = 24
"""With more classes than this a number in every cell is too small to read."""


def draw(figures: dict[str, Any]) -> None:
    """Counts, or the share of each true class, as a heatmap: row = true, column = answer."""
    st.subheader("Confusion matrix", anchor=False)
    st.caption(
        "Each row is what the image **is**, each column what the model **said**. The diagonal is right."
    )
    kind = st.segmented_control(
        "Cells show",
        list(KINDS),
        format_func=KINDS.get,
        default="counts",
        required=True,
        key="metrics-cells",
        label_visibility="collapsed",
        persist_state="session",
    )
    alt = f"Confusion matrix over {len(figures['classes'])} classes"
    st.plotly_chart(
        figure(figures["confusion"], figures["classes"], rows=kind == "rows"),
        width="stretch",
        key=f"metrics-confusion-{kind}",
        alt=alt,
        config={"displayModeBar": False},
    )


def figure(confusion: list[list[int]], classes: list[str], *, rows: bool) -> go.Figure:
    """The heatmap; `confusion` is (n_classes, n_classes), row = true, column = predicted."""
    totals = [sum(row) for row in confusion]
    shares = [
        [n / total if total else None for n in row] for row, total in zip(confusion, totals, strict=True)
    ]
    written = (
        [[f"{share:.0%}" if share is not None else "–" for share in row] for row in shares]
        if rows
        else confusion
    )
    heat = go.Heatmap(
        z=shares,
        x=classes,
        y=classes,
        text=written,
        customdata=confusion,
        zmin=0,
        zmax=1,
        xgap=3,
        ygap=3,
        coloraxis="coloraxis",
        texttemplate="%{text}" if len(classes) <= MAX_WRITTEN else None,
        hovertemplate="is <b>%{y}</b>, called <b>%{x}</b>: %{customdata} (%{z:.1%} of row)<extra></extra>",
    )
    chart = go.Figure(heat)
    chart.update_layout(
        height=min(760, 150 + 46 * len(classes)) if len(classes) > 4 else 330,
        dragmode=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        coloraxis={"showscale": False, "cmin": 0, "cmax": 1},
    )
    chart.update_xaxes(
        title="model's answer", type="category", fixedrange=True, showgrid=False, side="bottom"
    )
    chart.update_yaxes(
        title="true class", type="category", autorange="reversed", fixedrange=True, showgrid=False
    )
    return chart
