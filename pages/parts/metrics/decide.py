"""Costs and decisions: what a mistake costs, the rule that follows, and what it changes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import errors, runs
from core.metrics import costs, decisions
from pages.parts import problems, words
from pages.parts.metrics import coverage, data, effect, planted, rule_form


def draw(run: runs.Run, figures: dict[str, Any]) -> None:
    """Choose a rule, see on validation what it would change, and keep it with the run."""
    predictions = data.predictions(run, "validation")
    st.caption(
        f"In force: **{words.plain(figures['decision']['words'])}**. The rule is judged on validation "
        "images, kept with the run, and used wherever the run answers. Probabilities are calibrated first."
    )
    planted.draw()
    left, right = st.columns([2, 3], gap="large")
    with left:
        try:
            rule = rule_form.draw(run)
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
        groups = data.groups(run, "validation")
        effect.draw(costs.effect(predictions, rule, groups=groups), priced=rule.priced)
    coverage.draw(predictions, rule, groups)
