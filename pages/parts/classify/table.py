"""Many images at once: counts that filter, an order, one page of a table, and what can be taken away."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core import runs
from core.inference import answered
from pages.parts import percents
from pages.parts.classify import away, labelling, model, thumbs

PER_PAGE, ROW_HEIGHT = 50, 56
EMPTY = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""A transparent pixel, where there is no picture to show."""
ORDERS = {
    "came": "As they came, newest first",
    "unsure": "Least sure first",
    "label": "Most useful to label next",
}


def draw(run: runs.Run, shown: model.Shown) -> list[int]:
    """One page of the answers; returns which ones the person chose, at first the first with an answer."""
    view = shown.view()
    kept, order = _chosen(view)
    if not len(kept):
        st.caption("No answer passes this filter.")
        return []
    if order == "label":
        labelling.draw(run, shown, kept)
        return []
    places = _ordered(kept, order, shown)
    page = _page(places)
    frame = table(view.loc[page])
    with st.container(key="classify-table"):
        event = st.dataframe(
            frame if frame["reason"].any() else frame.drop(columns="reason"),
            hide_index=True,
            row_height=ROW_HEIGHT,
            height=min(460, 40 + ROW_HEIGHT * len(frame)),
            column_config=_columns(),
            key=f"classify-rows-{hash((shown.stamp, tuple(page)))}",  # marks belong to these rows
            on_select="rerun",
            selection_mode="multi-row",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        of = f"{len(page)} of {len(places):,} answers. " if len(page) < len(places) else ""
        st.caption(f"{of}Mark a row to look closer, or several to correct them together.", width="stretch")
        away.draw(shown, view)
    able = [place for place in page if view.at[place, "error"] is None]
    return [page[row] for row in event.selection.rows] or (able or page)[:1]


def table(view: pd.DataFrame) -> pd.DataFrame:
    """Rows of `answered.VIEW` as they are shown: image, name, answer, probability, reason."""
    return pd.DataFrame(
        {
            "image": [thumbs.data_url(Path(file) if file else None) or EMPTY for file in view["file"]],
            "name": view["name"],
            "answer": view["said"],
            "probability": 100 * view["probability"].where(view["said"] != answered.UNKNOWN),
            "reason": [error or "" for error in view["error"]],
        }
    )


def _thumb(file: str | None) -> str:
    return (file and thumbs.data_url(Path(file))) or EMPTY


def _chosen(view: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The answers that the person wants to see, by class and by how sure they are; and in which order."""
    counts = view["said"].value_counts()
    wanted = st.pills(
        "Show only",
        counts.index.tolist(),
        selection_mode="multi",
        format_func=lambda label: f"{label} · {counts.get(label, 0):,}",
        key="classify-filter",
    )
    if view["probability"].isna().all():  # nothing but files that could not be read: nothing to sort by
        return (view[view["said"].isin(wanted)] if wanted else view), "came"
    left, right = st.columns(2, gap="large")
    order = left.selectbox("Order", list(ORDERS), format_func=ORDERS.get, key="classify-order")
    low, high = right.slider("Probability", 0, 100, (0, 100), format="%d %%", key="classify-sure")
    share = 100 * view["probability"]
    keep = share.between(low, high) | share.isna()
    if wanted:
        keep &= view["said"].isin(wanted)
    return view[keep], order


def _ordered(kept: pd.DataFrame, order: str, shown: model.Shown) -> list[int]:
    if order == "unsure":
        return kept.sort_values("probability", kind="stable").index.tolist()
    bounds = [*shown.starts, shown.count]
    spans = list(itertools.pairwise(bounds))
    return [place for first, end in reversed(spans) for place in _between(kept.index, first, end)]


def _between(index: pd.Index, first: int, end: int) -> list[int]:
    """Of ascending places those from `first` to before `end`."""
    low, high = index.searchsorted([first, end])
    return index[low:high].tolist()


def _page(places: list[int]) -> list[int]:
    """The places on the page that the person has turned to; page numbers where there are several."""
    pages = max(1, -(-len(places) // PER_PAGE))
    if st.session_state.get("classify-page", 1) > pages:
        st.session_state["classify-page"] = pages
    number = 1
    if pages > 1:
        number = st.pagination(pages, key="classify-page")
    return places[(number - 1) * PER_PAGE : number * PER_PAGE]


def _columns() -> dict[str, Any]:
    return {
        "image": st.column_config.ImageColumn("", width="small"),
        "name": st.column_config.TextColumn("File"),
        "answer": st.column_config.TextColumn("Answer"),
        "probability": percents.bar("Probability"),
        "reason": st.column_config.TextColumn("Why not", width="large"),
    }
