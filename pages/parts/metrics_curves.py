"""Precision-recall and ROC of one class, and whether the probabilities can be believed."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core import runs
from core.metrics import calibration, views
from core.metrics import words as figures_in_words
from pages.parts import charts, metrics_data, metrics_judged
from pages.parts import finetune_words as words

ENOUGH = 5
"""Images of a bin from which on the reliability is drawn as a line."""


def draw(judged: metrics_judged.Judged) -> None:
    """The curves of a chosen class, the weakest first; then reliability and confidence."""
    figures, rule = judged.figures, judged.rule
    predictions = metrics_data.predictions(judged.run, judged.subset)
    per_class = figures["per_class"]
    order = sorted(per_class, key=lambda label: per_class[label]["average_precision"] or 0)
    label = st.selectbox("One class against the rest", order, key="metrics-curve-class", width=320)
    found = views.class_curve(predictions, rule, label)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Precision and recall** :gray[· the dot is where the answers stand]")
        _ranked(found, found.curve.recall, found.curve.precision, "recall", "precision", found.precision)
    with right:
        st.markdown("**ROC** :gray[· recall against false alarms among the others]")
        rate = found.curve.false_positive_rate
        _ranked(found, rate, found.curve.recall, "false alarms", "recall", found.recall, diagonal=True)
    st.caption(_in_words(found))
    _probabilities(predictions, figures, metrics_data.groups(judged.run, judged.subset))


def _ranked(
    found: views.ClassCurve,
    x: np.ndarray,
    y: np.ndarray,
    across: str,
    up: str,
    height: float | None,
    *,
    diagonal: bool = False,
) -> None:
    """One curve with the working point marked."""
    figure = go.Figure()
    if diagonal:
        figure.add_scatter(
            x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": "gray", "width": 1}
        )
        x, y = np.r_[0.0, x], np.r_[0.0, y]
    hover = f"{across} %{{x:.1%}}, {up} %{{y:.1%}}<extra></extra>"
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": charts.palette()[0], "width": 2.5}, hovertemplate=hover
    )
    place = found.false_positive_rate if diagonal else found.recall
    if place is not None and height is not None:
        dot = {"size": 12, "color": charts.palette()[3], "line": {"width": 2, "color": "white"}}
        figure.add_scatter(x=[place], y=[height], mode="markers", marker=dot, hovertemplate=hover)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title=across, range=[-0.02, 1.02], tickformat=".0%")
    figure.update_yaxes(title=up, range=[-0.02, 1.04], tickformat=".0%")
    alt = f"{up} against {across} for {found.label}"
    charts.draw(figure, key=f"metrics-curve-{'roc' if diagonal else 'pr'}", alt=alt, height=320)


def _in_words(found: views.ClassCurve) -> str:
    name, percent = words.plain(found.label), figures_in_words.percent
    if found.recall is None:
        return f"There are no images of {name} here: its curves are undefined."
    told = f"Its answers find {percent(found.recall)} of {name}"
    if found.precision is None:
        return f"{told}; none says {name}."
    return f"{told}; of those that say {name}, {percent(found.precision)} are right."


def _probabilities(
    predictions: runs.Predictions, figures: dict[str, Any], groups: list[object] | None
) -> None:
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
            customdata=found.count[kept],
            error_y={
                "array": up[kept],
                "arrayminus": down[kept],
                "width": 0,
                "thickness": 1,
                "visible": found is after,
            },
            hovertemplate="%{customdata} images, %{x:.0%} sure: %{y:.0%} right<extra></extra>",
        )
    figure.update_xaxes(title="probability of the answer", tickformat=".0%", range=[0, 1.02])
    figure.update_yaxes(title="share right", tickformat=".0%", range=[0, 1.04])
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
            hovertemplate="%{x:.0%} sure: %{y} " + name + "<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title="probability of the answer", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title="images")
    charts.draw(figure, key="metrics-confidence", alt="How sure right and wrong answers are", height=320)
