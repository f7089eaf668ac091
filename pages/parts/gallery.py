"""Galleries: many thumbnails in one element, loaded by the browser as they come into view."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import streamlit as st

from pages.parts import marks, thumbs

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
    st.html(f'<div class="fg-gallery">{"".join(map(_figure, items))}</div>')


def _figure(item: Item) -> str:
    """One picture with its caption; a click opens it large, where there is a large one."""
    image = (
        f'<img loading="lazy" src="{html.escape(item.url)}" alt="{html.escape(item.caption)}" '
        f'title="{html.escape(item.note or item.id)}">'
    )
    if large := thumbs.larger(item.url):
        image = f'<a href="{html.escape(large)}" target="_blank" rel="noopener">{image}</a>'
    return f"<figure>{image}<figcaption>{html.escape(item.caption)}</figcaption></figure>"


def paged(things: Sequence[Thing], *, key: str, per_page: int | None = None) -> Sequence[Thing]:
    """The page of `things` that the person has turned to; draws the page numbers where there are several."""
    per_page = per_page or PER_PAGE
    pages = _pages(things, per_page)
    if pages == 1:
        return things
    if st.session_state.get(key, 1) > pages:
        st.session_state[key] = pages
    number = st.pagination(pages, key=key)
    return things[(number - 1) * per_page : number * per_page]


@contextlib.contextmanager
def turned(things: Sequence[Thing], *, key: str, per_page: int | None = None) -> Iterator[Sequence[Thing]]:
    """As `paged`, with the page numbers once more below what is drawn inside of it."""
    yield paged(things, key=key, per_page=per_page)
    if (pages := _pages(things, per_page or PER_PAGE)) > 1:
        below = f"{key}-below"
        st.session_state[below] = st.session_state.get(key, 1)
        st.pagination(pages, key=below, on_change=_turn, args=(key, below))


def _pages(things: Sequence[Thing], per_page: int) -> int:
    return max(1, -(-len(things) // per_page))


def _turn(key: str, below: str) -> None:
    """The numbers above follow those below."""
    st.session_state[key] = st.session_state[below]


_HERE = Path(__file__).parent
_PICKER = st.components.v2.component(
    "fieldguide_picker",
    html='<div class="grid" role="listbox" aria-multiselectable="true"></div><dialog></dialog>\n',
    css=(_HERE / "picker.css").read_text(),
    js=(_HERE / "picker.js").read_text(),
)


def pick(items: Sequence[Item], *, key: str, among: Collection[str] | None = None) -> list[str]:
    """A grid to choose from: a click marks a picture, shift-click a stretch; returns the ids that are marked.

    A small button on each picture shows it large.
    `among` are the ids of all pages (default: those shown). Marks stay when the person turns the page, and
    are gone when what they marked is.
    """
    shown = [item.id for item in items]
    row = st.container(horizontal=True, vertical_alignment="center")
    before = set(marks.of(key, shown if among is None else among))
    result = _PICKER(
        key=key,
        data={
            "items": [asdict(item) | {"large": thumbs.larger(item.url)} for item in items],
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
