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
from pages.parts import finetune_preview
from pages.parts import finetune_words as words

TITLES = {
    "backbone": "Model",
    "weights": "Weights",
    "freeze": "Keep unchanged",
    "batch_norm": "Batch normalisation",
    "epochs": "Epochs",
    "batch_size": "Batch size",
    "learning_rate": "Learning rate, head",
    "backbone_learning_rate": "Learning rate, backbone",
    "layer_decay": "Slower for earlier layers",
    "weight_decay": "Weight decay",
    "schedule": "Schedule",
    "head_start": "Head starts",
    "head_epochs": "Head first, epochs",
    "early_stop": "Stop early after",
    "metric": "Best epoch by",
    "image_size": "Image size",
    "augment": "Augmentation",
    "balance": "Uneven classes",
    "label_smoothing": "Label smoothing",
    "clip": "Longest gradient",
    "seed": "Seed",
    "device": "Device",
    "precision": "Precision",
    "threads": "Threads",
    "views": "Views per image",
    "folds": "Folds of the cross-validation",
}
GROUPS = {
    "Model": ("backbone", "weights", "freeze", "batch_norm"),
    "Training": (
        "epochs",
        "batch_size",
        "metric",
        "learning_rate",
        "backbone_learning_rate",
        "layer_decay",
        "schedule",
        "head_start",
        "head_epochs",
        "early_stop",
        "weight_decay",
        "label_smoothing",
        "clip",
        "folds",
    ),
    "Images": ("image_size", "augment", "balance", "views"),
    "Machine": ("seed", "device", "precision", "threads"),
}
QUICK = frozenset(
    {
        "backbone",
        "weights",
        "image_size",
        "augment",
        "balance",
        "views",
        "folds",
        "seed",
        "device",
        "precision",
        "threads",
    }
)
"""The settings that mean something when only the head is trained."""
ONLY_QUICK = frozenset({"views"})
CHOICES = {
    "none": "None",
    "light": "Light",
    "strong": "Strong",
    "weights": "Weight the loss",
    "sampler": "Sample evenly",
    "focal": "Focus on hard images",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro F1",
    "loss": "Loss",
    "stem": "First half",
    "all": "All but the head",
    "frozen": "Frozen",
    "train": "Trained",
    "one-cycle": "One cycle",
    "cosine": "Cosine",
    "constant": "Constant",
    "fit": "Fitted to the frozen backbone",
    "random": "At random",
    "auto": "Automatic",
    "cpu": "Processor",
    "cuda": "Graphics card",
    "mps": "Apple's graphics",
}
DEVICES = ("auto", "cpu", "cuda")
_EXTRA = {"download": "Download of weights allowed", "start_from": "Goes on from"}  # set elsewhere
STEPS = {"learning_rate": 1e-3, "backbone_learning_rate": 1e-5, "weight_decay": 0.01}


def key(field: str) -> str:
    """Where the session keeps what the person set for `field`."""
    return f"finetune-{field}"


def shown(mode: str) -> list[str]:
    """The settings that have an effect in `mode`, as things are set now."""
    every = [field for group in GROUPS.values() for field in group]
    if mode == "full":
        return [field for field in every if field not in ONLY_QUICK]
    alters = (st.session_state.get(key("views")) or 1) > 1
    return [field for field in every if field in QUICK and (field != "augment" or alters)]


def changed(mode: str) -> dict[str, Any]:
    """What the person set to something else than the suggestion."""
    values = {field: st.session_state.get(key(field)) for field in [*shown(mode), *_EXTRA]}
    return {
        field: value
        for field, value in values.items()
        if value is not None and value != _default(field) and _fits(field, value, mode)
    }


def _fits(field: str, value: Any, mode: str) -> bool:
    """Whether `mode` knows that value: another one was set in the other mode."""
    return field not in configs.CHOICES or value in configs.accepted(field, mode)


def reset() -> None:
    """Back to what is suggested."""
    for field in [*TITLES, *_EXTRA]:
        st.session_state.pop(key(field), None)


def fill(config: configs.TrainingConfig) -> None:
    """Set every setting as in `config`; those that it leaves open become the suggestion's again."""
    reset()
    st.session_state[key("mode")] = config.mode
    for field in [*TITLES, *_EXTRA]:
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


def draw(split: splits.Split, suggested: configs.TrainingConfig, final: configs.TrainingConfig) -> None:
    """The settings; one that is left alone shows the value that is suggested."""
    for tab, (group, fields) in zip(st.tabs(list(GROUPS)), GROUPS.items(), strict=True):
        with tab:
            with st.grid(3, min_column_width=220, gap="medium"):
                for field in fields:
                    if field in shown(suggested.mode):
                        _widget(field, suggested)
            if group == "Images":
                finetune_preview.draw(split, final)


def describe(changes: dict[str, Any]) -> str:
    """The changes in a line: "Epochs: 12 · Seed: 3"."""
    said = []
    for field, value in changes.items():
        shown = words.backbone(value) if field == "backbone" else CHOICES.get(str(value), value)
        said.append(f"{TITLES.get(field, _EXTRA.get(field))}: {words.plain(str(shown))}")
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
        TITLES[field],
        every,
        key=key(field),
        format_func=shown,
        help=configs.HELP[field],
        persist_state="session",
    )


def _number(field: str, suggested: configs.TrainingConfig) -> None:
    low, high = configs.RANGES[field]
    value = getattr(suggested, field)
    whole = isinstance(low, int)
    st.number_input(
        TITLES[field],
        min_value=low,
        max_value=type(low)(high),
        value=None,
        step=1 if whole else STEPS.get(field, 0.05),
        format=None if whole else "%g",
        key=key(field),
        help=configs.HELP[field],
        persist_state="session",
        placeholder="Not used" if value is None else f"Suggested: {value:g}",
    )


def _choice(value: str) -> str:
    return CHOICES.get(value, value)


def _backbone(name: str) -> str:
    info = catalog.BACKBONES.get(name)
    return name if info is None else f"{info.title} ({info.parameters / 1e6:.0f} M parameters)"
