"""The form of a decision rule: how the run answers, what its mistakes cost, and when it hands an image on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import runs
from core.metrics import deciding, decisions

KINDS = {
    "highest": "Most probable class",
    "miss": "Missing one class is worse",
    "table": "My own cost table",
    "threshold": "Threshold for one class",
}
Costs = tuple[tuple[float, ...], ...]


def draw(run: runs.Run) -> decisions.Decision:
    """The person's rule.

    Raises:
        MetricsError: a cost table in which no mistake costs anything.
    """
    kind = st.radio("The run answers with", list(KINDS), format_func=KINDS.get, key="metrics-rule")
    label, threshold, costs = None, None, None
    if kind in ("miss", "threshold"):
        label = st.selectbox("Class", run.classes(), key="metrics-rule-class")
    if kind == "miss":
        costs = _worse_miss(run, str(label))
    elif kind == "table":
        costs = _editor(run)
    elif kind == "threshold":
        threshold = st.slider("Say it from this probability on", 0.0, 1.0, 0.5, 0.01, key="metrics-rule-p")
    if kind in ("highest", "threshold") and st.toggle(
        "Mistakes cost differently",
        key="metrics-rule-judge",
        help="Your cost table judges the rule; the answers stay as chosen above.",
    ):
        costs = _editor(run)
    below, price = _handing_on()
    return deciding.rule(
        run,
        costs=costs,
        by_costs=kind in ("miss", "table"),
        label=str(label) if kind == "threshold" else None,
        threshold=threshold,
        unknown_below=below,
        unknown_cost=price,
    )


def _worse_miss(run: runs.Run, label: str) -> Costs:
    times = st.number_input(
        "Missing it is so many times worse", 1.0, 10_000.0, 10.0, key="metrics-rule-times"
    )
    return decisions.worse_miss(run.classes(), label, times)


def _handing_on() -> tuple[float | None, float | None]:
    """Below which probability an image is handed on, and what that costs; None each where it is not said."""
    below = st.slider(
        "Say unknown below",
        0.0,
        1.0,
        0.0,
        0.01,
        key="metrics-rule-unknown",
        help="An image whose most probable class is below this goes to a person.",
    )
    price = st.number_input(
        "Handing an image to a person costs",
        min_value=0.0,
        max_value=10_000.0,
        value=None,
        placeholder="no price",
        key="metrics-rule-handing",
        help="In the unit of the costs; a mistake costs 1 unless you say otherwise. With a price, a rule of "
        "least cost hands on whatever is cheaper to hand on. Without one, costs are counted over the "
        "answered images alone.",
    )
    return below or None, price or None


def _editor(run: runs.Run) -> Costs:
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
