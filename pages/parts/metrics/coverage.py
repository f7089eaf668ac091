"""What saying "unknown" buys: the share of right answers when only the surest images are answered."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core import runs
from core import words as core_words
from core.metrics import costs, decisions
from core.metrics import scores as scoring
from pages.parts import charts, percents


def draw(predictions: runs.Predictions, rule: decisions.Decision, groups: list[object] | None) -> None:
    """The curve over the share that is answered, with its 95 % band."""
    st.markdown(
        "**What saying “unknown” buys** :gray[· answering only the surest images; band: 95 % interval]"
    )
    shares = scoring.probabilities(predictions.logits, rule.temperature)
    curve = costs.coverage_curve(predictions.true, shares, groups=groups)
    colour = charts.palette()[0]
    figure = go.Figure()
    figure.add_scatter(x=curve.coverage, y=curve.high, mode="lines", line={"width": 0}, hoverinfo="skip")
    figure.add_scatter(
        x=curve.coverage,
        y=curve.low,
        mode="lines",
        line={"width": 0},
        fill="tonexty",
        hoverinfo="skip",
        fillcolor="rgba(99, 102, 241, 0.18)",
    )
    figure.add_scatter(
        x=curve.coverage,
        y=curve.accuracy,
        mode="lines",
        line={"color": colour, "width": 2.5},
        **percents.hover(
            f"unknown below {core_words.percent(least)}: {core_words.percent(answered, 1)} answered, "
            f"{core_words.percent(right, 1)} right"
            for least, answered, right in zip(curve.threshold, curve.coverage, curve.accuracy, strict=True)
        ),
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title="share of images answered", range=[0, 1.01], **percents.axis())
    floor = float(curve.low[curve.coverage >= 0.1].min())
    figure.update_yaxes(title="share right", range=[floor - 0.01, 1.005], **percents.axis(floor - 0.01))
    charts.draw(figure, key="metrics-coverage", alt="Accuracy against coverage", height=300)
