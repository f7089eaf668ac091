"""Precision-recall and ROC of one class, with the place where the rule in force stands on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core import words as core_words
from core.metrics import views
from core.metrics import words as figures_in_words
from pages.parts import charts, percents, words
from pages.parts.metrics import data, judgement, probabilities

STANDS = "the rule in force"
GUESSING = {"dash": "dot", "color": "gray", "width": 1}


def draw(judged: judgement.Judged) -> None:
    """The curves of a chosen class, the weakest first; then reliability and confidence."""
    figures, rule = judged.figures, judged.rule
    predictions = data.predictions(judged.run, judged.subset)
    per_class = figures["per_class"]
    order = sorted(per_class, key=lambda label: per_class[label]["average_precision"] or 0)
    label = st.selectbox("One class against the rest", order, key="metrics-curve-class", width=320)
    found = views.class_curve(predictions, rule, label)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Precision and recall** :gray[· how many are found, how many calls are right]")
        _ranked(found, found.curve.recall, found.curve.precision, "recall", "precision", found.precision)
    with right:
        st.markdown("**ROC** :gray[· recall against false alarms among the others]")
        rate = found.curve.false_positive_rate
        _ranked(found, rate, found.curve.recall, "false alarms", "recall", found.recall, diagonal=True)
    st.caption(
        "Along a curve the probability from which on the class is said falls from 100 % to 0 %. The dot is "
        f"where the run stands today, by {words.plain(rule.describe())}: a little off the curve where other "
        "classes have a say; *Costs* moves it. " + _in_words(found)
    )
    probabilities.draw(predictions, figures, data.groups(judged.run, judged.subset))


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
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"dash": "dot", "color": "gray", "width": 1},
            name="guessing",
        )
        x, y = np.r_[0.0, x], np.r_[0.0, y]
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": charts.palette()[0], "width": 2.5},
        name="every threshold",
        **_hover(across, x, up, y),
    )
    place = found.false_positive_rate if diagonal else found.recall
    if place is not None and height is not None:
        dot = {"size": 12, "color": charts.palette()[3], "line": {"width": 2, "color": "white"}}
        said = _hover(across, [place], up, [height])
        figure.add_scatter(x=[place], y=[height], mode="markers", marker=dot, name=STANDS, **said)
    figure.update_xaxes(title=across, range=[-0.02, 1.02], **percents.axis())
    figure.update_yaxes(title=up, range=[-0.02, 1.04], **percents.axis())
    alt = f"{up} against {across} for {found.label}"
    charts.draw(figure, key=f"metrics-curve-{'roc' if diagonal else 'pr'}", alt=alt, height=320)


def _hover(across: str, x: Iterable[float], up: str, y: Iterable[float]) -> dict[str, Any]:
    return percents.hover(
        f"{across} {core_words.percent(one, 1)}, {up} {core_words.percent(other, 1)}"
        for one, other in zip(x, y, strict=True)
    )


def _in_words(found: views.ClassCurve) -> str:
    name, percent = words.plain(found.label), figures_in_words.percent
    if found.recall is None:
        return f"There are no images of {name} here: its curves are undefined."
    told = f"Its answers find {percent(found.recall)} of {name}"
    if found.precision is None:
        return f"{told}; none says {name}."
    return f"{told}; of those that say {name}, {percent(found.precision)} are right."
