"""Whether the probabilities can be believed: reliability, and how sure right and wrong answers are."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core import runs
from core import words as core_words
from core.metrics import calibration, views
from core.metrics import words as figures_in_words
from pages.parts import charts, percents

ENOUGH = 5
"""Images of a bin from which on the reliability is drawn as a line."""


def draw(predictions: runs.Predictions, figures: dict[str, Any], groups: list[object] | None) -> None:
    """The calibration before and after scaling, drawn and in a sentence."""
    fitted = figures["calibration"]
    before, after = views.reliability(predictions, fitted["temperature"], groups=groups)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Reliability** :gray[· on the dotted line, 80 % sure is right 8 times in 10]")
        _reliability(before, after)
    with right:
        st.markdown("**How sure the answers are** :gray[· after calibration]")
        _confidence(views.confidence(predictions, fitted["temperature"]))
    percent = figures_in_words.percent
    st.caption(
        f"Expected calibration error {percent(fitted['ece_before'])} before, {percent(fitted['ece_after'])} "
        f"after temperature scaling by {fitted['temperature']:.2f}, fitted on the validation images only. "
        f"By chance alone so few images would show {percent(fitted['ece_after_expected'])}."
    )


def _reliability(before: calibration.Reliability, after: calibration.Reliability) -> None:
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": "gray", "width": 1}, showlegend=False
    )
    for name, found, colour in (
        ("before", before, charts.palette()[7]),
        ("after", after, charts.palette()[0]),
    ):
        kept = found.count > 0
        many = found.count >= ENOUGH
        up, down = found.high - found.accuracy, found.accuracy - found.low
        figure.add_scatter(  # between bins of a few images a line would only zigzag
            x=found.confidence[many],
            y=found.accuracy[many],
            mode="lines",
            line={"color": colour, "width": 2},
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=found.confidence[kept],
            y=found.accuracy[kept],
            name=name,
            mode="markers",
            marker={"size": 4 + 12 * np.sqrt(found.count[kept] / found.count.max()), "color": colour},
            error_y={
                "array": up[kept],
                "arrayminus": down[kept],
                "width": 0,
                "thickness": 1,
                "visible": found is after,
            },
            **percents.hover(
                f"{count:,} images, {core_words.percent(sure)} sure: {core_words.percent(right)} right"
                for count, sure, right in zip(
                    found.count[kept], found.confidence[kept], found.accuracy[kept], strict=True
                )
            ),
        )
    figure.update_xaxes(title="probability of the answer", range=[0, 1.02], **percents.axis())
    figure.update_yaxes(title="share right", range=[0, 1.04], **percents.axis())
    charts.draw(figure, key="metrics-reliability", alt="Reliability diagram", height=320)


def _confidence(found: views.Histogram) -> None:
    figure = go.Figure()
    middles = (found.edges[:-1] + found.edges[1:]) / 2
    for name, counts, colour in (("right", found.right, 0), ("wrong", found.wrong, 3)):
        figure.add_bar(
            x=middles,
            y=counts,
            name=name,
            marker_color=charts.palette()[colour],
            **percents.hover(
                f"{core_words.percent(sure)} sure: {count:,} {name}"
                for sure, count in zip(middles, counts, strict=True)
            ),
        )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title="probability of the answer", range=[0, 1], **percents.axis())
    figure.update_yaxes(title="images")
    charts.draw(figure, key="metrics-confidence", alt="How sure right and wrong answers are", height=320)
