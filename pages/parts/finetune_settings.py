"""Every setting of a run in four groups; what is left alone stays as suggested."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core import workspace
from core.model import catalog, weights_files, weights_menu
from core.split import store as splits
from core.training import config as configs
from pages.parts import finetune_fields as fields
from pages.parts import finetune_preview
from pages.parts import finetune_words as words

DEVICES = ("auto", "cpu", "cuda")
_EXTRA = {"download": "Download of weights allowed", "start_from": "Goes on from"}  # set elsewhere
EMPTY = {"clip": "No limit", "ema": "Off", "early_stop": "Never", "threads": "All of them"}
"""What an empty field means, where nothing is suggested instead."""
STEPS = {"learning_rate": 1e-3, "backbone_learning_rate": 1e-5, "weight_decay": 0.01}


def key(field: str) -> str:
    """Where the session keeps what the person set for `field`."""
    return f"finetune-{field}"


def shown(mode: str) -> list[str]:
    """The settings that have an effect in `mode`, as things are set now."""
    return fields.in_effect(mode, views=st.session_state.get(key("views")) or 1)


def changed(mode: str) -> dict[str, Any]:
    """What the person set to something else than the suggestion."""
    values = {field: st.session_state.get(key(field)) for field in [*shown(mode), *_EXTRA]}
    return {
        field: value
        for field, value in values.items()
        if value is not None
        and value != _default(field)
        and _fits(field, value, mode)
        and not configs.refused(field, value)
    }


def _fits(field: str, value: Any, mode: str) -> bool:
    """Whether `mode` knows that value: another one was set in the other mode."""
    return field not in configs.CHOICES or value in configs.accepted(field, mode)


def reset() -> None:
    """Back to what is suggested."""
    for field in [*fields.TITLES, *_EXTRA]:
        st.session_state.pop(key(field), None)


def fill(config: configs.TrainingConfig) -> None:
    """Set every setting as in `config`; those that it leaves open become the suggestion's again."""
    reset()
    st.session_state[key("mode")] = config.mode
    for field in [*fields.TITLES, *_EXTRA]:
        value = getattr(config, field)
        if field == "weights" and value not in weights_files.KINDS:
            value = _at_hand(value)
        if value != _default(field):
            st.session_state[key(field)] = value


def _at_hand(weights: str) -> str:
    """A weights file as the menu names it; `auto` where it is gone."""
    path = Path(weights)
    if path.parent == workspace.weights_folder():
        return path.name
    return weights if path.is_file() else "auto"


def draw(
    split: splits.Split,
    suggested: configs.TrainingConfig,
    final: configs.TrainingConfig,
    extra: Callable[[], None],
) -> None:
    """The settings; one that is left alone shows the value that is suggested. `extra` follows those of the
    training.
    """
    for tab, (group, names) in zip(st.tabs(list(fields.GROUPS)), fields.GROUPS.items(), strict=True):
        with tab:
            with st.grid(3, min_column_width=220, gap="medium"):
                for field in (name for name in names if name in shown(suggested.mode)):
                    with st.container(gap="xxsmall"):
                        _widget(field, suggested)
            if group == "Images":
                finetune_preview.draw(split, final)
            if group == "Training" and suggested.mode == "full":
                extra()


def describe(changes: dict[str, Any]) -> str:
    """The changes in a line: "Epochs: 12 · Seed: 3"."""
    said = []
    for field, value in changes.items():
        shown = words.backbone(value) if field == "backbone" else fields.CHOICES.get(str(value), value)
        said.append(f"{fields.TITLES.get(field, _EXTRA.get(field))}: {words.plain(str(shown))}")
    return " · ".join(said)


def _default(field: str) -> Any:
    return next(entry.default for entry in dataclasses.fields(configs.TrainingConfig) if entry.name == field)


def _widget(field: str, suggested: configs.TrainingConfig) -> None:
    if field == "weights":
        _weights(suggested)
    elif field == "backbone":
        _select(field, [*catalog.BACKBONES, *catalog.OTHERS], _backbone, suggested)
    elif field == "device":
        _select(field, _with_current(field, DEVICES), _choice, suggested)
    elif field in configs.CHOICES:
        _select(field, list(configs.accepted(field, suggested.mode)), _choice, suggested)
    else:
        _number(field, suggested)


def _weights(suggested: configs.TrainingConfig) -> None:
    """What is on this disk for the backbone, and a download where there is something to fetch."""
    found = {choice.spec: choice for choice in weights_menu.available(suggested.backbone)}

    def title(spec: str) -> str:
        if spec not in found:
            return "Automatic: the best at hand" if spec == "auto" else Path(spec).name
        return f"{found[spec].title} ({found[spec].note})"

    options = ["auto", *(spec for spec, choice in found.items() if choice.ready)]
    is_file = st.session_state.get(key("weights")) not in weights_files.KINDS
    with st.container(gap="xxsmall"):
        _select("weights", _with_current("weights", options) if is_file else options, title, suggested)
        for choice in found.values():
            if not choice.ready:
                st.toggle(
                    f"Download {choice.title} weights",
                    key=key("download"),
                    persist_state="session",
                    help=f"{choice.title}: {choice.note}. Left off, nothing is fetched from the network.",
                )


def _with_current(field: str, options: Sequence[str]) -> list[str]:
    """The options, and the value that is set though it is none of them: a duplicated run brings it."""
    current = st.session_state.get(key(field))
    return [*options, *([] if current is None or current in options else [current])]


def _select(
    field: str, options: list[str], title: Callable[[str], str], suggested: configs.TrainingConfig
) -> None:
    """A choice; where the setting may be left open, that is its first option and names what it would be."""
    value = _default(field)
    every = [None, *options] if value is None else options
    if st.session_state.get(key(field)) not in every:
        st.session_state[key(field)] = value

    def shown(option: str | None) -> str:
        return f"Suggested: {title(getattr(suggested, field))}" if option is None else title(option)

    st.selectbox(
        fields.TITLES[field],
        every,
        key=key(field),
        format_func=shown,
        help=configs.HELP[field],
        persist_state="session",
    )


def _number(field: str, suggested: configs.TrainingConfig) -> None:
    value = getattr(suggested, field)
    whole = isinstance(configs.RANGES[field][0], int)
    st.number_input(
        fields.TITLES[field],
        value=None,
        step=1 if whole else STEPS.get(field, 0.05),
        format=None if whole else "%g",
        key=key(field),
        help=configs.HELP[field],
        persist_state="session",
        placeholder=EMPTY.get(field, "Off") if value is None else f"Suggested: {value:g}",
    )
    if wrong := configs.refused(field, st.session_state.get(key(field))):
        st.caption(f":red[:material/error: {wrong} It is not used.]")


def _choice(value: str) -> str:
    return fields.CHOICES.get(value, value)


def _backbone(name: str) -> str:
    info = catalog.BACKBONES.get(name)
    return name if info is None else f"{info.title} ({info.parameters / 1e6:.0f} M parameters)"
