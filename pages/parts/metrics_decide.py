"""Costs and decisions: what a mistake costs, the rule that follows, and what it changes."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core import errors, runs
from core.metrics import bills, costs, decisions
from core.metrics import scores as scoring
from core.metrics import words as figures_in_words
from pages.parts import charts, metrics_data, metrics_planted, metrics_rule_form, problems
from pages.parts import finetune_words as words


def draw(run: runs.Run, figures: dict[str, Any]) -> None:
    """Choose a rule, see on validation what it would change, and keep it with the run."""
    predictions = metrics_data.predictions(run, "validation")
    st.caption(
        f"In force: **{words.plain(figures['decision']['words'])}**. The rule is judged on validation "
        "images, kept with the run, and used wherever the run answers. Probabilities are calibrated first."
    )
    metrics_planted.draw()
    left, right = st.columns([2, 3], gap="large")
    with left:
        try:
            rule = metrics_rule_form.draw(run)
        except errors.MetricsError as error:
            problems.show(error)
            return
        if st.button(
            "Answer by this rule from now on", type="primary", key="metrics-decide", icon=":material/gavel:"
        ):
            decisions.save(run, rule)
            st.toast(f"The run now answers by {rule.describe()}.", icon=":material/check:")
            st.rerun()
    with right:
        groups = metrics_data.groups(run, "validation")
        _effect(costs.effect(predictions, rule, groups=groups))
    _coverage(predictions, rule, groups)


def _effect(effect: costs.Effect) -> None:
    """Before and after, in costs and class by class."""
    percent, bill = figures_in_words.percent, effect.bill
    with st.grid(3, min_column_width=150):
        st.metric(
            "Costs per 1,000" if bill.basis == "all" else "Cost/1,000 answered",
            "nothing answered" if bill.after is None else f"{bill.after:,.1f}",
            _change(bill),
            delta_color="inverse",
            border=True,
            height="stretch",
        )
        st.metric(
            "Right, of those answered",
            percent(effect.accuracy_after),
            border=True,
            delta=f"before {percent(effect.accuracy_before)}",
            delta_color="off",
            delta_arrow="off",
            height="stretch",
        )
        st.metric("Answered", percent(effect.coverage), border=True, height="stretch")
    if said := _said(bill):
        st.caption(said)
    for word, rows, colour in (("better", effect.better(), "green"), ("worse", effect.worse(), "red")):
        for row in rows[:3]:
            st.markdown(
                f":{colour}[**{word}**] {words.plain(row['label'])}: {percent(row['recall_before'])} found "
                f"before, {percent(row['recall_after'])} after"
            )
    if effect.changes:
        _table(effect)
    else:
        st.caption("This rule answers every validation image as the most probable class does.")


def _table(effect: costs.Effect) -> None:
    """Class by class, found and right when said."""
    share = {"format": "percent"}
    st.dataframe(
        effect.table,
        hide_index=True,
        width="stretch",
        height="content" if len(effect.table) <= 12 else 460,
        key="metrics-effect",
        column_config={
            "label": st.column_config.TextColumn("Class", pinned=True),
            "recall_before": st.column_config.NumberColumn("Found before", **share),
            "recall_after": st.column_config.NumberColumn("Found after", **share),
            "precision_before": st.column_config.NumberColumn("Right when said, before", **share),
            "precision_after": st.column_config.NumberColumn("Right when said, after", **share),
        },
    )


def _said(bill: bills.Bill) -> str:
    """How sure the saving is, what it rests on, and when handing on pays."""
    said = []
    if bill.basis == "answered":
        said.append(
            "Handing an image on has no price yet, and saves nothing by itself: costs are those of the "
            "answered images, before and after."
        )
    if bill.after != bill.before:
        said.append(_saved(bill.saved))
    if bill.break_even is not None:
        said.append(f"Handing on pays while an image costs less than {bill.break_even:.3g} to hand on.")
    return " ".join(said)


def _saved(between: tuple[float, float] | None) -> str:
    if between is None:
        return "Too few images to say how sure the difference is."
    return f"Saved per 1,000: 95 % between {between[0]:,.1f} and {between[1]:,.1f}."


def _change(bill: bills.Bill) -> str | None:
    change = 0.0 if bill.after is None or bill.before is None else round(bill.after - bill.before, 1)
    return f"{change:+,.1f}" if change else None


def _coverage(predictions: runs.Predictions, rule: decisions.Decision, groups: list[object] | None) -> None:
    """What saying "unknown" buys."""
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
        customdata=curve.threshold,
        hovertemplate="unknown below %{customdata:.0%}: %{x:.1%} answered, %{y:.1%} right<extra></extra>",
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title="share of images answered", tickformat=".0%", range=[0, 1.01])
    floor = float(curve.low[curve.coverage >= 0.1].min())
    figure.update_yaxes(title="share right", tickformat=".0%", range=[floor - 0.01, 1.005])
    charts.draw(figure, key="metrics-coverage", alt="Accuracy against coverage", height=300)
