"""The confusion matrix: what was taken for what. A click on a cell opens its images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.metrics import confusion, ruled
from pages.parts import matrix, percents
from pages.parts.metrics import chosen

KINDS = {"counts": "Counts", "rows": "Row %", "columns": "Column %"}
CLUSTER_FROM = 12
"""Classes from which an order that puts the confused together says more than the alphabet."""


def draw(run_id: str, figures: dict[str, Any]) -> None:
    """Counts, or shares of each row or column, as a heatmap: row = true, column = answer."""
    st.subheader("Confusion matrix", anchor=False)
    st.caption("Each row is what the image **is**, each column what the model **said**. Click a cell.")
    classes = figures["classes"]
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = st.segmented_control(
            "Cells show",
            list(KINDS),
            format_func=KINDS.get,
            default="counts",
            required=True,
            key="metrics-cells",
            label_visibility="collapsed",
            persist_state="session",
        )
        clustered = len(classes) > 3 and st.toggle(
            "Confused classes together", value=len(classes) >= CLUSTER_FROM, key="metrics-clustered"
        )
    counts, n = np.array(figures["confusion"]), len(classes)
    order = confusion.cluster_order(counts[:, :n]) if clustered else list(range(n))
    ordered = counts[np.ix_(order, [*order, *range(n, counts.shape[1])])]  # what is unknown stays last
    answers = [*(classes[k] for k in order), *ruled.answer_names(figures)[n:]]
    key = f"metrics-confusion-{run_id}-{figures['subset']}-{kind}-{clustered}"
    st.plotly_chart(
        matrix.figure(ordered, [classes[k] for k in order], answers, kind=kind),
        width="stretch",
        key=key,
        alt=f"Confusion matrix over {len(classes)} classes",
        config={"displayModeBar": False},
        on_select=lambda: chosen.cell(key),
        selection_mode="points",
    )


def worst_pairs(figures: dict[str, Any]) -> None:
    """The pairs of classes that are taken for each other most."""
    st.subheader("Most confused", anchor=False)
    pairs = confusion.most_confused(np.array(figures["confusion"]), figures["classes"], limit=12)
    if not pairs:
        st.caption("Not one mistake.")
        return
    key = f"metrics-pairs-{figures['subset']}"
    st.dataframe(
        percents.scaled(pd.DataFrame(pairs), ("share",)),
        hide_index=True,
        width="stretch",
        height="content",
        key=key,
        on_select=lambda: chosen.row(key, [(pair["true"], pair["answer"]) for pair in pairs]),
        selection_mode="single-row",
        column_config={
            "true": st.column_config.TextColumn("It is"),
            "answer": st.column_config.TextColumn("Called"),
            "count": st.column_config.NumberColumn("Images"),
            "share": percents.column("Of the class"),
        },
    )
