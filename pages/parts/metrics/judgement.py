"""What the Metrics page shows: a run, the images it is judged on, and the reading of its answers.

A decision rule gives two readings: under the rule, and as the most probable class. One toggle chooses for the
whole page, so that the matrix, the figures and the galleries never disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core import runs
from core.metrics import decisions, ruled
from pages.parts import words
from pages.parts.metrics import stored

READINGS = {"rule": "Under the decision rule", "plain": "As the most probable class"}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """rule: by whose answers every view is drawn. figures: theirs. kept: the figures as they are stored."""

    run: runs.Run
    subset: str
    rule: decisions.Decision
    figures: dict[str, Any]
    kept: dict[str, Any]


def read(run: runs.Run, subset: str) -> Judged:
    """The figures of `subset`; where the rule changes answers, the person chooses the reading.

    Raises:
        TrainingError: the run has no predictions for the subset.
        MetricsError: they cannot be scored.
    """
    kept, rule = stored.of(run, subset), decisions.load(run)
    if ruled.changes(kept) and subset != "test" and _choice(kept) == "plain":
        return Judged(run=run, subset=subset, rule=rule.highest(), figures=ruled.plainly(kept), kept=kept)
    return Judged(run=run, subset=subset, rule=rule, figures=ruled.under(kept), kept=kept)


def as_most_probable(run: runs.Run) -> Judged:
    """The validation images, answered with the most probable class: what runs are compared by."""
    kept, rule = stored.of(run, "validation"), decisions.load(run).highest()
    return Judged(run=run, subset="validation", rule=rule, figures=ruled.plainly(kept), kept=kept)


def _choice(kept: dict[str, Any]) -> str:
    changed = kept["under_decision"]["n_changed"]
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "Reading",
            list(READINGS),
            format_func=READINGS.get,
            default="rule",
            required=True,
            key="metrics-reading",
            label_visibility="collapsed",
            persist_state="session",
        )
        said = words.plain(kept["decision"]["words"])
        st.caption(f"The rule in force ({said}) changes {changed:,} of {kept['n_images']:,} answers.")
    return chosen
