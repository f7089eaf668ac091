"""The learning-rate finder: asked for, followed, shown with its suggestion, and taken over."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.training import answers
from core.training import config as configs
from pages.parts import charts, words
from pages.parts.finetune import settings

POLL_SECONDS = 1.0
RATES = ("learning_rate", "backbone_learning_rate")


def draw(config: configs.TrainingConfig) -> None:
    """The finder for `config`; its rates do not matter, so that the curve stays when one is taken over."""
    asked = config.but(mode="full", **dict.fromkeys(RATES))
    working = answers.RATES.state(asked)["state"] == "working"
    with st.container(border=True, key="finetune-rates"):
        st.fragment(_view, run_every=POLL_SECONDS if working else None)(asked, working)


def _view(config: configs.TrainingConfig, was_working: bool) -> None:
    said = answers.RATES.state(config)
    if (said["state"] == "working") != was_working:
        st.rerun()
    st.markdown(
        "**Find a learning rate** :gray[· a short training whose rate rises until the loss runs away]"
    )
    if said["state"] == "ready":
        _show(answers.RATES.read(config) or {})
    elif said["state"] == "working":
        st.progress(words.fraction(said), text=f"{said['message']} …")
    else:
        if said["state"] == "failed":
            st.warning(said["message"], icon=":material/warning:")
        if st.button("Search", key="finetune-rates-ask", icon=":material/search:"):
            answers.RATES.ask(config)
            st.rerun()


def _show(found: dict[str, Any]) -> None:
    charts.draw(curve(found), key="finetune-rates-curve", alt=_alt(found), height=240)
    now = found["current"]["learning_rate"]
    if found["suggested"] is None:
        st.caption(f"The loss falls at none of these rates: keep {now:g}, or look at the images and labels.")
        return
    rates = (found["suggested"], found["suggested_backbone"])
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Use this rate", key="finetune-rates-use", icon=":material/check:", on_click=_use, args=(rates,)
        ):
            st.rerun()  # the fields lie outside of this fragment
        st.caption(
            f"The loss falls most steeply at {rates[0]:.2g} for the head, {rates[1]:.2g} for the backbone. "
            f"Suggested without a search: {now:g}. Differences of less than three times hardly matter."
        )


def curve(found: dict[str, Any]) -> go.Figure:
    """The smoothed loss over the rate, and the suggestion on it."""
    colours = charts.palette()
    figure = go.Figure()
    figure.add_scatter(
        x=found["rates"],
        y=found["losses"],
        name="Loss, smoothed",
        mode="lines",
        line={"width": 2.25, "color": colours[0]},
        hovertemplate="rate %{x:.1e}: loss %{y:.3f}<extra></extra>",
    )
    if found["suggested"] is not None:
        place = found["rates"].index(found["suggested"])
        figure.add_scatter(
            x=[found["suggested"]],
            y=[found["losses"][place]],
            name="Suggested",
            mode="markers",
            marker={"size": 13, "symbol": "circle-open", "line": {"width": 3}, "color": colours[1]},
            hovertemplate="suggested: %{x:.1e}<extra></extra>",
        )
    top = max(found["losses"][0], min(found["losses"])) * 1.5
    figure.update_xaxes(title="Learning rate of the head", type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(title="Loss", range=[min(found["losses"]) * 0.9, top])
    return figure


def _use(rates: tuple[float, float]) -> None:
    """Put the rates into the form, rounded to two digits."""
    for field, rate in zip(RATES, rates, strict=True):
        st.session_state[settings.key(field)] = float(f"{rate:.2g}")


def _alt(found: dict[str, Any]) -> str:
    said = words.plain(f"{found['suggested']:.2g}") if found["suggested"] is not None else "none"
    return f"Loss over the learning rate; suggested: {said}"
