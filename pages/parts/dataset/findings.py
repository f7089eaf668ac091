"""Findings of the check, with their images side by side and what mends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.data import datasets, drafts, edits
from pages.parts import gallery
from pages.parts.dataset import browse, corrections, overview

_SETS = 8  # sets of copies on one page
_CARD = 380  # pixels that a set of copies needs at least


def copies(dataset: datasets.Dataset, sets: Sequence[list[str]], *, key: str) -> None:
    """Sets of copies: keep one of each, of all at once or one by one, the largest or another."""
    agreeing, torn = edits.by_agreement(dataset.table, sets)
    extra = sum(len(paths) - 1 for paths in agreeing)
    if torn:
        bear = "set bears" if len(torn) == 1 else "sets bear"
        st.info(
            f"{len(torn):,} {bear} several labels. Size does not settle that: say which label is right under "
            "*Label conflicts*, or which picture to keep.",
            icon=":material/swap_horiz:",
        )
    if agreeing and st.button(
        f"Keep the largest of every set, leave {extra:,} copies out",
        icon=":material/auto_fix_high:",
        key=f"{key}-all",
    ):
        corrections.do(lambda: drafts.keep_one_of_each(dataset.name, agreeing), f"{extra:,} copies left out.")
    with (
        gallery.turned(sets, key=f"{key}-page", per_page=_SETS) as shown,
        st.grid(2, min_column_width=_CARD),
    ):
        for paths in shown:
            _set_of_copies(dataset, paths, key, torn=paths in torn)


def _set_of_copies(dataset: datasets.Dataset, paths: list[str], key: str, *, torn: bool) -> None:
    with st.container(border=True, height="stretch"):
        numbers = {path: number for number, path in enumerate(paths, start=1)}
        _side_by_side(dataset, paths, numbers)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            keep = st.selectbox(
                "Keep",
                paths,
                index=None,
                format_func=lambda path: f"{numbers[path]}: {path}",
                placeholder="Choose the one to keep" if torn else "The largest",
                label_visibility="collapsed",
                key=f"{key}-keep-{paths[0]}",
            )
            kept = "Keep this one" if keep else "Keep the largest"
            if st.button(
                kept, key=f"{key}-{paths[0]}", icon=":material/filter_1:", disabled=torn and not keep
            ):
                corrections.do(
                    lambda: drafts.keep_one(dataset.name, paths, keep), f"{len(paths) - 1} left out."
                )


def conflicts(dataset: datasets.Dataset, sets: Sequence[list[str]]) -> None:
    """Copies with different labels: say which label is right, or leave them all out."""
    labels = dataset.table.set_index("path")["label"]
    with (
        gallery.turned(sets, key="conflicts-page", per_page=_SETS) as shown,
        st.grid(2, min_column_width=_CARD),
    ):
        for paths in shown:
            _conflict(dataset, paths, sorted(set(labels[paths])))


def _conflict(dataset: datasets.Dataset, paths: list[str], labels: list[str]) -> None:
    key, name = f"conflict-{paths[0]}", dataset.name
    with st.container(border=True, height="stretch"):
        _side_by_side(dataset, paths)
        with st.container(horizontal=True):
            for label in labels:
                if st.button(f"All are {label}", key=f"{key}-{label}", icon=":material/label:"):
                    said = f"{len(paths)} images are {label} now."
                    corrections.do(lambda label=label: drafts.relabel(name, paths, label), said)
            if st.button("Leave all out", key=f"{key}-out", icon=":material/visibility_off:"):
                corrections.do(lambda: drafts.exclude(name, paths), f"{len(paths)} left out.")


def extremes(dataset: datasets.Dataset, found: Sequence[dict[str, Any]]) -> None:
    """Images that stand out, with the reason under each; marked ones can be left out."""
    reasons: dict[str, str] = {}
    for one in found:
        reasons[one["path"]] = ", ".join(filter(None, [reasons.get(one["path"]), one["reason"]]))
    bar = st.container()
    with gallery.turned(list(reasons), key="extremes-page") as shown:
        captions = [reasons[path] for path in shown]
        pictures = browse.items(dataset, shown, captions=captions)
        picked = gallery.pick(pictures, key="extremes-pick", among=reasons)
    with bar:
        corrections.actions(dataset, picked, key="extremes")


def unreadable(dataset: datasets.Dataset) -> None:
    """The files set aside, with their reasons."""
    overview.set_aside(dataset)


def _side_by_side(
    dataset: datasets.Dataset, paths: Sequence[str], numbers: Mapping[str, int] | None = None
) -> None:
    table = dataset.table.set_index("path").loc[list(paths[:12])]
    told = {path: f"{number}: " for path, number in (numbers or {}).items()}
    captions = [
        f"{told.get(str(row.Index), '')}{row.label} · {row.width} × {row.height}"
        for row in table.itertuples()
    ]
    gallery.show(browse.items(dataset, paths[:12], captions=captions))
    if len(paths) > 12:
        st.caption(f"… and {len(paths) - 12} more")
