"""Costs and decisions: what a mistake costs, the rule that follows, and what it changes."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core import runs
from core.metrics import costs, deciding, decisions, store
from core.metrics import scores as scoring
from core.metrics import words as figures_in_words
from pages.parts import charts, metrics_data, metrics_planted
from pages.parts import finetune_words as words

KINDS = {
    "highest": "Most probable class",
    "miss": "Missing one class is worse",
    "table": "My own cost table",
    "threshold": "Threshold for one class",
}


def draw(run: runs.Run, figures: dict[str, Any]) -> None:
    """Choose a rule, see on validation what it would change, and keep it with the run."""
    predictions = metrics_data.predictions(run, "validation")
    st.caption(
        f"In force: **{words.plain(decisions.load(run).describe())}**. The rule is judged on validation "
        "images, kept with the run, and used wherever the run answers. Probabilities are calibrated first."
    )
    metrics_planted.draw()
    left, right = st.columns([2, 3], gap="large")
    with left:
        rule = _form(run, figures["calibration"]["temperature"])
        if st.button(
            "Answer by this rule from now on", type="primary", key="metrics-decide", icon=":material/gavel:"
        ):
            decisions.save(run, rule)
            st.toast(f"The run now answers by {rule.describe()}.", icon=":material/check:")
            st.rerun()
    with right:
        groups = store.groups_of(run, predictions.paths)
        _effect(costs.effect(predictions, rule, groups=groups), rule)
    _coverage(predictions, rule, metrics_data.groups(run, "validation"))


def _form(run: runs.Run, temperature: float) -> decisions.Decision:
    """The person's rule."""
    classes = run.classes()
    kind = st.radio("The run answers with", list(KINDS), format_func=KINDS.get, key="metrics-rule")
    table, label, threshold = None, None, None
    if kind in ("miss", "threshold"):
        label = st.selectbox("Class", classes, key="metrics-rule-class")
    if kind == "miss":
        times = st.number_input(
            "Missing it is so many times worse", 1.0, 10_000.0, 10.0, key="metrics-rule-times"
        )
        table, label = decisions.worse_miss(classes, str(label), times), None
    elif kind == "threshold":
        threshold = st.slider("Say it from this probability on", 0.0, 1.0, 0.5, 0.01, key="metrics-rule-p")
    elif kind == "table":
        table = _editor(run)
    below = st.slider(
        "Say unknown below",
        0.0,
        1.0,
        0.0,
        0.01,
        key="metrics-rule-unknown",
        help="An image whose most probable class is below this goes to a person.",
    )
    handing = st.number_input(
        "Handing an image to a person costs",
        0.0,
        10_000.0,
        0.0,
        key="metrics-rule-handing",
        disabled=not below,
        help="In the unit of the costs; a mistake costs 1 unless you say otherwise.",
    )
    return deciding.rule(
        run,
        costs=table,
        label=label,
        threshold=threshold,
        unknown_below=below or None,
        unknown_cost=handing if below else None,
        temperature=temperature,
    )


def _editor(run: runs.Run) -> tuple[tuple[float, ...], ...]:
    """The cost matrix: rows = true, columns = answer."""
    classes = run.classes()
    start = decisions.load(run)
    frame = pd.DataFrame(start.cost_matrix, index=pd.Index(classes, name="it is"), columns=classes)
    st.caption("Rows: what it is. Columns: what is said. Any unit: euros, minutes, harm.")
    edited = st.data_editor(
        frame,
        width="stretch",
        key=f"metrics-costs-{run.id}",
        column_config={
            label: st.column_config.NumberColumn(min_value=0.0, required=True) for label in classes
        },
    )
    return tuple(tuple(float(x) for x in row) for row in edited.to_numpy())


def _effect(effect: costs.Effect, rule: decisions.Decision) -> None:
    """Before and after, in costs and class by class."""
    percent = figures_in_words.percent
    with st.grid(3, min_column_width=150):
        st.metric(
            "Costs per 1,000",
            f"{effect.cost_after:,.1f}",
            _change(effect),
            delta_color="inverse",
            border=True,
            help=_saved(effect.saved),
        )
        st.metric(
            "Right, of those answered",
            percent(effect.accuracy_after),
            border=True,
            delta=f"before {percent(effect.accuracy_before)}",
            delta_color="off",
            delta_arrow="off",
        )
        st.metric("Answered", percent(effect.coverage), border=True)
    for word, rows, colour in (("better", effect.better(), "green"), ("worse", effect.worse(), "red")):
        for row in rows[:3]:
            st.markdown(
                f":{colour}[**{word}**] {words.plain(row['label'])}: {percent(row['recall_before'])} found "
                f"before, {percent(row['recall_after'])} after"
            )
    share = {"format": "percent"}
    st.dataframe(
        effect.table,
        hide_index=True,
        width="stretch",
        key="metrics-effect",
        column_config={
            "label": st.column_config.TextColumn("Class", pinned=True),
            "recall_before": st.column_config.NumberColumn("Found before", **share),
            "recall_after": st.column_config.NumberColumn("Found after", **share),
            "precision_before": st.column_config.NumberColumn("Right when said, before", **share),
            "precision_after": st.column_config.NumberColumn("Right when said, after", **share),
        },
    )


def _saved(between: tuple[float, float] | None) -> str:
    if between is None:
        return "Too few images to say how sure the difference is."
    return f"Saved: 95 % between {between[0]:,.1f} and {between[1]:,.1f}."


def _change(effect: costs.Effect) -> str | None:
    change = round(effect.cost_after - effect.cost_before, 1)
    return f"{change:+,.1f}" if change else None


def _coverage(predictions: runs.Predictions, rule: decisions.Decision, groups: list[object] | None) -> None:
    """What saying "unknown" buys."""
    st.markdown("**What saying “unknown” buys** :gray[· answering only the surest images]")
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
        customdata=curve.threshold,
        hovertemplate="unknown below %{customdata:.0%}: %{x:.1%} answered, %{y:.1%} right<extra></extra>",
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title="share of images answered", tickformat=".0%")
    floor = float(curve.low[curve.coverage >= 0.1].min())
    figure.update_yaxes(title="share right", tickformat=".0%", range=[floor - 0.01, 1.005])
    charts.draw(figure, key="metrics-coverage", alt="Accuracy against coverage", height=300)
