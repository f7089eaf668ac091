"""What a decision rule changes: in costs, and class by class."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.metrics import bills, costs
from core.metrics import words as figures_in_words
from pages.parts import percents, words


def draw(effect: costs.Effect, *, priced: bool) -> None:
    """Before and after, in costs and class by class. `priced`: somebody has said what mistakes cost."""
    percent, bill = figures_in_words.percent, effect.bill
    with st.grid(3, min_column_width=150):
        st.metric(
            _billed(bill, priced),
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


def _billed(bill: bills.Bill, priced: bool) -> str:
    """What is counted: with no price said, every mistake counts 1."""
    if bill.basis == "all":
        return "Costs per 1,000" if priced else "Mistakes per 1,000"
    return "Cost/1,000 answered" if priced else "Mistakes/1,000 answered"


def _table(effect: costs.Effect) -> None:
    """Class by class, found and right when said."""
    table = pd.DataFrame(effect.table)
    shares = [name for name in table.columns if name.startswith(("recall", "precision"))]
    st.dataframe(
        percents.scaled(table, shares),
        hide_index=True,
        width="stretch",
        height="content" if len(effect.table) <= 12 else 460,
        key="metrics-effect",
        column_config={
            "label": st.column_config.TextColumn("Class", pinned=True),
            "recall_before": percents.column("Found before"),
            "recall_after": percents.column("Found after"),
            "precision_before": percents.column("Right when said, before"),
            "precision_after": percents.column("Right when said, after"),
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
