"""Galleries: many thumbnails in one element, loaded by the browser as they come into view."""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import streamlit as st

from pages.parts import marks

PER_PAGE = 36
Thing = TypeVar("Thing")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One picture: `id` is what `pick` returns, `url` where its thumbnail is, `caption` the lines below."""

    id: str
    url: str
    caption: str = ""
    note: str = ""


def show(items: Sequence[Item]) -> None:
    """A grid to look at."""
    figures = "".join(
        f'<figure><img loading="lazy" src="{html.escape(item.url)}" alt="{html.escape(item.caption)}" '
        f'title="{html.escape(item.note or item.id)}">'
        f"<figcaption>{html.escape(item.caption)}</figcaption></figure>"
        for item in items
    )
    st.html(f'<div class="fg-gallery">{figures}</div>')


def paged(things: Sequence[Thing], *, key: str, per_page: int = PER_PAGE) -> Sequence[Thing]:
    """The page of `things` that the person has turned to; draws the page numbers where there are several."""
    pages = max(1, -(-len(things) // per_page))
    if pages == 1:
        return things
    if st.session_state.get(key, 1) > pages:
        st.session_state[key] = pages
    number = st.pagination(pages, key=key)
    return things[(number - 1) * per_page : number * per_page]


_HERE = Path(__file__).parent
_PICKER = st.components.v2.component(
    "fieldguide_picker",
    html='<div class="grid" role="listbox" aria-multiselectable="true"></div>\n',
    css=(_HERE / "picker.css").read_text(),
    js=(_HERE / "picker.js").read_text(),
)


def pick(items: Sequence[Item], *, key: str, among: Collection[str] | None = None) -> list[str]:
    """A grid to choose from: a click marks a picture, shift-click a stretch; returns the ids that are marked.

    `among` are the ids of all pages (default: those shown). Marks stay when the person turns the page, and
    are gone when what they marked is.
    """
    shown = [item.id for item in items]
    row = st.container(horizontal=True, vertical_alignment="center")
    before = set(marks.of(key, shown if among is None else among))
    result = _PICKER(
        key=key,
        data={
            "items": [asdict(item) for item in items],
            "tag": marks.tag(key, shown),
            "marked": [name for name in shown if name in before],
        },
        default={"picked": None},
        on_picked_change=lambda: None,
    )
    marks.merge(key, shown, result.picked)
    marked = marks.of(key, shown if among is None else among)
    with row:
        marks.bar(key, shown, marked)
    return marked
