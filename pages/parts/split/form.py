"""The form of a new split, beside what would come of it."""

from __future__ import annotations

import itertools
import re

import streamlit as st

from core import errors
from core.data import datasets
from core.split import config as split_config
from core.split import store as splits
from pages.parts import caches, problems, state
from pages.parts.dataset import advice
from pages.parts.split import fields, shown, views

_LONGEST = 58  # of what is proposed, so that a number still fits behind it
_GROUPED = {"near-duplicates": "", "parent": "-by-folder", "pattern": "-by-pattern", "none": "-ungrouped"}


def draw(dataset: datasets.Dataset) -> None:
    """The form on the left, a live preview on the right; the button makes the split and chooses it."""
    preset = fields.preset(dataset)
    form, preview = st.columns([2, 3], gap="large")
    asked, divided = None, None
    try:
        with form:
            asked = fields.asked(dataset, preset)
        if asked is not None:
            divided = caches.divided(dataset, asked.config, asked.clusters, asked.named)
    except errors.FieldguideError as error:
        with preview:
            if not advice.small_classes(dataset):
                problems.show(error)
    if divided is not None:
        with preview:
            shown.preview(divided)
    with form:
        name = _name(dataset, asked.config if asked else None)
        if (
            st.button(
                "Make this split",
                type="primary",
                icon=":material/call_split:",
                key="make-split",
                disabled=divided is None or not name,
            )
            and asked
        ):
            _make(name, dataset, asked)


def _name(dataset: datasets.Dataset, config: split_config.SplitConfig | None) -> str:
    """The name that the person gives; the proposed one follows the inputs, as far as those can be meant."""
    proposed = "" if config is None else _proposed(dataset.name, config)
    return st.text_input("Name", proposed, key=f"split-name-{proposed}", disabled=config is None).strip()


def _proposed(dataset: str, config: split_config.SplitConfig) -> str:
    """A free name that tells the split from its siblings: sizes, what stays together, the seed."""
    if config.is_taken:
        told = "folders" if config.from_folders else "table"
    else:
        kind, _, detail = config.group_by.partition(":")
        column = "-by-" + (re.sub(r"[^A-Za-z0-9]+", "-", detail[:20]).strip("-") or "column")
        told = "-".join(f"{share * 100:g}" for share in config.shares.values() if share)
        told += _GROUPED.get(kind, column) + ("-deeper" if config.features else "")
        told += f"-seed{config.seed}" if config.seed else ""
    plain = f"{dataset[: _LONGEST - len(told)]}-{told}"
    names = itertools.chain([plain], (f"{plain}-{number}" for number in itertools.count(2)))
    return next(name for name in names if not splits.exists(name))


def _make(name: str, dataset: datasets.Dataset, asked: fields.Asked) -> None:
    try:
        splits.make(name, dataset, asked.config, clusters=asked.clusters, named=asked.named)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    state.choose(split=name)
    views.made(name)
    st.rerun()
