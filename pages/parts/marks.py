"""Marks in a gallery: kept in the person's session, so that they outlast turning the page."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

import streamlit as st


def of(key: str, among: Collection[str]) -> list[str]:
    """The ids that are marked in the gallery `key`, oldest first; those not `among` are forgotten."""
    known = set(among)
    kept = [name for name in st.session_state.get(_marks(key), []) if name in known]
    st.session_state[_marks(key)] = kept
    return kept


def add(key: str, names: Sequence[str]) -> None:
    """Mark `names` too, from outside of the grid."""
    before = st.session_state.get(_marks(key), [])
    _set(key, list(dict.fromkeys([*before, *names])))


def clear(key: str) -> None:
    """Mark nothing any more."""
    _set(key, [])


def tag(key: str, shown: Sequence[str]) -> str:
    """Names what the grid shows and the marks it began with: what it says of anything else is out of date."""
    turn = st.session_state.get(_turn(key), 0)
    return hashlib.sha256("\n".join([str(turn), *shown]).encode()).hexdigest()[:16]


def merge(key: str, shown: Sequence[str], said: dict[str, Any] | None) -> None:
    """Take over what was clicked in the grid that shows `shown`: {"tag", "ids"}; other pages keep theirs."""
    if not said or said.get("tag") != tag(key, shown):
        return
    here = set(shown)
    elsewhere = [name for name in st.session_state.get(_marks(key), []) if name not in here]
    st.session_state[_marks(key)] = [*elsewhere, *(name for name in said["ids"] if name in here)]


def bar(key: str, shown: Sequence[str], marked: Sequence[str]) -> None:
    """Mark the whole page, or nothing; how many marks are where, when they are not all in sight."""
    here = set(shown) & set(marked)
    if len(here) < len(shown):
        st.button(
            f"Mark all {len(shown)} on this page",
            key=f"{key}-all",
            type="tertiary",
            icon=":material/select_all:",
            on_click=add,
            args=(key, list(shown)),
        )
    if marked:
        label = f"Clear the {len(marked):,} marks" if len(marked) > 1 else "Clear the mark"
        st.button(
            label,
            key=f"{key}-clear",
            type="tertiary",
            icon=":material/deselect:",
            on_click=clear,
            args=(key,),
        )
    if len(here) < len(marked):
        st.caption(f"{len(here):,} of {len(marked):,} marked are on this page")


def _set(key: str, names: list[str]) -> None:
    st.session_state[_marks(key)] = names
    st.session_state[_turn(key)] = st.session_state.get(_turn(key), 0) + 1


def _marks(key: str) -> str:
    return f"{key}-marks"


def _turn(key: str) -> str:
    return f"{key}-turn"
