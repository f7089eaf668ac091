"""The figure of a confusion matrix: a heatmap whose cells can be clicked."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core import words as core_words
from core.metrics import confusion
from pages.parts import matrix_numbers as numbers

MAX_WRITTEN = 24
"""With more classes than this a number in every cell is too small to read."""
LONGEST_NAME = 12
MAX_CLICKS = 2000
"""Cells that can be clicked; the tables open the others."""


def figure(
    counts: np.ndarray, classes: list[str], answers: list[str] | None = None, *, kind: str
) -> go.Figure:
    """The heatmap, and over it invisible points that hear the clicks: Plotly's heatmaps hear none.

    `answers` names the columns where they are not the rows' `classes`.
    """
    answers = answers or classes
    rows = confusion.row_shares(counts)
    shares = confusion.column_shares(counts) if kind == "columns" else rows
    words = _counts(counts) if kind == "counts" else [[_percent(share) for share in row] for row in shares]
    heat = go.Heatmap(
        z=np.sqrt(shares) if len(classes) > MAX_WRITTEN else shares,  # so that rare mistakes can be seen
        x=answers,
        y=classes,
        zmin=0,
        zmax=1,
        xgap=3 if len(classes) < 40 else 0,
        ygap=3 if len(classes) < 40 else 0,
        coloraxis="coloraxis",
        hoverinfo="skip",
    )
    few = len(classes) <= MAX_WRITTEN
    written = numbers.traces(words, shares, classes, answers) if few else []
    chart = go.Figure([heat, *written, _clicks(counts, rows, classes, answers)])
    chart.update_layout(
        height=height(len(classes)),
        dragmode=False,
        hovermode="closest",
        hoverdistance=-1,
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        coloraxis={"showscale": False, "cmin": 0, "cmax": 1},
    )
    axis = {"type": "category", "fixedrange": True, "showgrid": False, "showticklabels": len(classes) <= 60}
    chart.update_xaxes(title="model's answer", side="bottom", ticks="", **_named(answers), **axis)
    chart.update_yaxes(title=None, autorange="reversed", ticks="", **_named(classes), **axis)
    return chart


def _named(labels: list[str]) -> dict[str, Any]:
    """Tick labels that leave the cells their room on a narrow screen."""
    short = [label if len(label) <= LONGEST_NAME else f"{label[: LONGEST_NAME - 1]}…" for label in labels]
    return {"tickvals": labels, "ticktext": short}


def height(n_classes: int) -> int:
    """Pixels that let the cells be about square."""
    return 340 if n_classes <= 4 else min(760, 150 + 44 * n_classes)


def _clicks(counts: np.ndarray, rows: np.ndarray, classes: list[str], answers: list[str]) -> go.Scatter:
    """One unseen point on each cell that holds an image; of very many cells, on the fullest."""
    largest = np.argsort(-counts, axis=None, kind="stable")[: min(MAX_CLICKS, np.count_nonzero(counts))]
    true, answer = np.unravel_index(largest, counts.shape)
    return go.Scatter(
        x=[answers[k] for k in answer],
        y=[classes[k] for k in true],
        customdata=[
            [classes[t], answers[a], int(counts[t, a]), core_words.percent(rows[t, a], 1)]
            for t, a in zip(true, answer, strict=True)
        ],
        mode="markers",
        marker={"opacity": 0, "size": 24},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="is <b>%{customdata[0]}</b>, called <b>%{customdata[1]}</b>: %{customdata[2]} "
        "(%{customdata[3]} of the row)<extra></extra>",
    )


def _counts(counts: np.ndarray) -> list[list[str]]:
    """What is written: nothing where there is nothing, so that mistakes stand out."""
    return [[f"{count:,}" if count else "" for count in row] for row in counts]


def _percent(share: float) -> str:
    return "" if np.isnan(share) or share == 0 else f"{100 * share:.0f} %"
