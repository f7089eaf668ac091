"""Before any epoch: how good it can get, whether more images would help, and what it will take."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core import words as core_words
from core.training import config as configs
from core.training import forecasts
from pages.parts import charts, percents, words

POLL_SECONDS = 1.0


def draw(config: configs.TrainingConfig) -> None:
    """Offer a forecast of `config`, follow it while it is made, and show it."""
    asked = config.but(mode="full")  # one forecast speaks of both ways to train
    working = forecasts.state(asked)["state"] == "working"
    with st.container(border=True, key="finetune-forecast"):
        st.fragment(_view, run_every=POLL_SECONDS if working else None)(asked, working)


def _view(config: configs.TrainingConfig, was_working: bool) -> None:
    said = forecasts.state(config)
    if (said["state"] == "working") != was_working:
        st.rerun()
    st.markdown("#### :material/insights: Forecast")
    if said["state"] == "ready":
        _show(config, forecasts.read(config) or {})
    elif said["state"] == "working":
        share = words.fraction(said)
        text = f"{said['message']} …"
        st.progress(share, text=text) if share else st.markdown(f":material/hourglass_top: {text}")
    else:
        if said["state"] == "failed":
            st.warning(said["message"], icon=":material/warning:")
        st.markdown(
            "How good can it get? Would more images help, or more epochs? How long will it take? A few quick "
            "models on parts of your images answer, and a few steps are timed; the test images stay sealed."
        )
        if st.button("Make a forecast", key="finetune-forecast-ask", icon=":material/insights:"):
            forecasts.ask(config)
            st.rerun()


def _show(config: configs.TrainingConfig, found: dict[str, Any]) -> None:
    low, high = found["interval"]
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.metric(
            "Expected accuracy, quick way",
            words.percent(found["accuracy"]),
            delta=f"probably {100 * low:.0f} to {100 * high:.0f} %",
            delta_color="off",
            delta_arrow="off",
        )
        cost = found["cost"]
        waits = cost["queue_seconds"]
        st.markdown(
            f":gray[A full finetuning takes]  \n**about {words.duration(found['seconds_full'])}**"
            + (f" after {words.duration(waits)} in the queue" if waits else "")
            + f"  \n:small[:gray[and {words.size(cost['memory_bytes'])} of memory]]"
        )
        if cost.get("contended"):
            st.caption("Timed while another run was at work here: it may take less.")
            if st.button("Make it again", key="finetune-forecast-again", type="tertiary"):
                forecasts.ask(config)
                st.rerun()
    with right:
        _curve(found["learning_curve"])
    st.markdown(f":material/lightbulb: {found['advice']}")


def _curve(points: list[dict[str, Any]]) -> None:
    """Accuracy by the share of the training images, each with the range that it may really lie in; from 0 to
    100 %, so that chance does not look like a trend.
    """
    figure = go.Figure()
    bounds = [point.get("interval") or [point["accuracy"]] * 2 for point in points]
    figure.add_scatter(
        x=[point["fraction"] for point in points],
        y=[point["accuracy"] for point in points],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [high - point["accuracy"] for point, (_, high) in zip(points, bounds, strict=True)],
            "arrayminus": [point["accuracy"] - low for point, (low, _) in zip(points, bounds, strict=True)],
            "thickness": 1.5,
            "width": 6,
        },
        mode="lines+markers",
        line={"width": 2.25, "color": charts.palette()[0]},
        **percents.hover(
            f"{core_words.percent(point['fraction'])} of the images: "
            f"{core_words.percent(point['accuracy'], 1)}"
            for point in points
        ),
    )
    figure.update_xaxes(title="Share of the training images", **percents.axis())
    figure.update_yaxes(title="Accuracy", range=[0, 1.02], **percents.axis())
    shown = ", ".join(f"{100 * point['fraction']:.0f} %: {100 * point['accuracy']:.0f} %" for point in points)
    charts.draw(figure, key="finetune-learning-curve", alt=f"Learning curve, {shown}", height=220)
