"""What the person set for a new run, kept in the session: only what differs from the suggestion counts."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import streamlit as st

from core import workspace
from core.model import weights_files
from core.training import config as configs
from core.training import naming
from pages.parts import words

_EXTRA = ("download", "start_from")  # set elsewhere than in the four groups


def key(field: str) -> str:
    """Where the session keeps what the person set for `field`."""
    return f"finetune-{field}"


def shown(mode: str) -> list[str]:
    """The settings that have an effect in `mode`, as things are set now."""
    return naming.in_effect(mode, views=st.session_state.get(key("views")) or 1)


def changed(mode: str) -> dict[str, Any]:
    """What the person set to something else than the suggestion."""
    values = {field: st.session_state.get(key(field)) for field in [*shown(mode), *_EXTRA]}
    return {
        field: value
        for field, value in values.items()
        if value is not None
        and value != default(field)
        and _fits(field, value, mode)
        and not configs.refused(field, value)
    }


def _fits(field: str, value: Any, mode: str) -> bool:
    """Whether `mode` knows that value: another one was set in the other mode."""
    return field not in configs.CHOICES or value in configs.accepted(field, mode)


def reset() -> None:
    """Back to what is suggested."""
    for field in [*naming.every(), *_EXTRA]:
        st.session_state.pop(key(field), None)


def fill(config: configs.TrainingConfig) -> None:
    """Set every setting as in `config`; those that it leaves open become the suggestion's again."""
    reset()
    st.session_state[key("mode")] = config.mode
    for field in [*naming.every(), *_EXTRA]:
        value = getattr(config, field)
        if field == "weights" and value not in weights_files.KINDS:
            value = _at_hand(value)
        if value != default(field):
            st.session_state[key(field)] = value


def _at_hand(weights: str) -> str:
    """A weights file as the menu names it; `auto` where it is gone."""
    path = Path(weights)
    if path.parent == workspace.weights_folder():
        return path.name
    return weights if path.is_file() else "auto"


def describe(changes: dict[str, Any]) -> str:
    """The changes in a line: "Epochs: 12 · Seed: 3"."""
    said = []
    for field, value in changes.items():
        said.append(f"{naming.title(field)}: {words.plain(naming.said(field, value))}")
    return " · ".join(said)


def default(field: str) -> Any:
    """What `field` is where nobody set it: None is left to the suggestion."""
    return next(entry.default for entry in dataclasses.fields(configs.TrainingConfig) if entry.name == field)
