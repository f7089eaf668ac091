"""How sure can the judgement be? The same counts, read as what they allow one to say."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core import errors
from core.split import store as splits
from core.split import sureness
from pages.parts import charts, problems

_SHOWN = 30  # classes in the chart, the least sure first


def warning(split: splits.Split) -> None:
    """One sentence where a class has too few images to be judged."""
    if said := sureness.warning(split.counts()):
        st.warning(said, icon=":material/straighten:")


def draw(split: splits.Split) -> None:
    """The intervals that these sizes allow, overall and per class, and what a finer comparison would need."""
    subset = sureness.judged_on(split.counts())
    with st.container(border=True):
        st.markdown("**How sure can the judgement be?**")
        measured = st.slider(
            "Suppose that the model gets this share right",
            50,
            99,
            90,
            format="%d %%",
            key="sureness-measured",
        )
        found = sureness.of_counts(split.counts()[subset], measured / 100)
        st.markdown(found[0].sentence(subset))
        _chart(found)
        warning(split)
        _compare(split, subset, measured / 100)


def _chart(found: list[sureness.Sureness]) -> None:
    """One line per class from the low to the high end of its interval."""
    shown = [found[0], *sorted(found[1:], key=lambda one: (one.n, one.name))[:_SHOWN]][::-1]
    names = [f"{one.name} ({one.n})" for one in shown]
    figure = go.Figure(
        go.Scatter(
            x=[100 * one.measured for one in shown],
            y=names,
            mode="markers",
            marker={"size": 9, "color": charts.palette()[0]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [100 * (one.high - one.measured) for one in shown],
                "arrayminus": [100 * (one.measured - one.low) for one in shown],
                "thickness": 3,
                "width": 0,
                "color": charts.palette()[0],
            },
            customdata=[one.sentence() for one in shown],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 102], ticksuffix=" %")
    figure.update_yaxes(type="category", ticksuffix="  ")
    charts.draw(
        figure,
        key="sureness-chart",
        alt="95 % interval of a measured rate, per class",
        height=70 + 28 * len(shown),
    )


def _compare(split: splits.Split, subset: str, accuracy: float) -> None:
    """The images it takes to tell this model from one that is better by a margin the person names."""
    margin = st.number_input(
        "To tell it from a model that is better by (percentage points)",
        0.5,
        40.0,
        5.0,
        0.5,
        format="%g",
        key="sureness-margin",
    )
    try:
        needed = sureness.images_to_tell_apart(margin / 100, accuracy)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    have = sum(split.counts()[subset].values())
    verdict = "enough" if have >= needed else "too few: a smaller difference is a matter of luck here"
    st.markdown(f"takes about **{needed:,}** {subset} images; there are **{have:,}**, {verdict}.")
