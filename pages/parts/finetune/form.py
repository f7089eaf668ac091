"""The settings of a run as a form: four groups; what is left alone stays as suggested."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.model import catalog, weights_files, weights_menu
from core.split import store as splits
from core.training import config as configs
from core.training import naming
from pages.parts.finetune import preview, settings

DEVICES = ("auto", "cpu", "cuda")
EMPTY = {"clip": "No limit", "ema": "Off", "early_stop": "Never", "threads": "All of them"}
"""What an empty field means, where nothing is suggested instead."""
STEPS = {"learning_rate": 1e-3, "backbone_learning_rate": 1e-5, "weight_decay": 0.01}


def draw(
    split: splits.Split,
    suggested: configs.TrainingConfig,
    final: configs.TrainingConfig,
    extra: Callable[[], None],
) -> None:
    """The settings; one that is left alone shows the value that is suggested. `extra` follows those of the
    training.
    """
    effective = settings.shown(suggested.mode)
    groups = {group: [one for one in names if one in effective] for group, names in naming.GROUPS.items()}
    groups = {group: names for group, names in groups.items() if names}
    for tab, (group, names) in zip(st.tabs(list(groups)), groups.items(), strict=True):
        with tab:
            with st.grid(3, min_column_width=220, gap="medium"):
                for field in names:
                    with st.container(gap="xxsmall"):
                        _widget(field, suggested)
            if group == "Images":
                preview.draw(split, final)
            if group == "Training" and suggested.mode == "full":
                extra()


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
    is_file = st.session_state.get(settings.key("weights")) not in weights_files.KINDS
    with st.container(gap="xxsmall"):
        _select("weights", _with_current("weights", options) if is_file else options, title, suggested)
        for choice in found.values():
            if not choice.ready:
                st.toggle(
                    f"Download {choice.title} weights",
                    key=settings.key("download"),
                    persist_state="session",
                    help=f"{choice.title}: {choice.note}. Left off, nothing is fetched from the network.",
                )


def _with_current(field: str, options: Sequence[str]) -> list[str]:
    """The options, and the value that is set though it is none of them: a duplicated run brings it."""
    current = st.session_state.get(settings.key(field))
    return [*options, *([] if current is None or current in options else [current])]


def _select(
    field: str, options: list[str], title: Callable[[str], str], suggested: configs.TrainingConfig
) -> None:
    """A choice; where the setting may be left open, that is its first option and names what it would be."""
    value = settings.default(field)
    every = [None, *options] if value is None else options
    if st.session_state.get(settings.key(field)) not in every:
        st.session_state[settings.key(field)] = value

    def shown(option: str | None) -> str:
        return f"Suggested: {title(getattr(suggested, field))}" if option is None else title(option)

    st.selectbox(
        naming.TITLES[field],
        every,
        key=settings.key(field),
        format_func=shown,
        help=configs.HELP[field],
        persist_state="session",
    )


def _number(field: str, suggested: configs.TrainingConfig) -> None:
    value = getattr(suggested, field)
    whole = isinstance(configs.RANGES[field][0], int)
    st.number_input(
        naming.TITLES[field],
        value=None,
        step=1 if whole else STEPS.get(field, 0.05),
        format=None if whole else "%g",
        key=settings.key(field),
        help=configs.HELP[field],
        persist_state="session",
        placeholder=EMPTY.get(field, "Off") if value is None else f"Suggested: {value:g}",
    )
    if wrong := configs.refused(field, st.session_state.get(settings.key(field))):
        st.caption(f":red[:material/error: {wrong} It is not used.]")


def _choice(value: str) -> str:
    return naming.CHOICES.get(value, value)


def _backbone(name: str) -> str:
    info = catalog.BACKBONES.get(name)
    return name if info is None else f"{info.title} ({info.parameters / 1e6:.0f} M parameters)"
