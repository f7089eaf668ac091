"""Every setting of a run in four groups; what is left alone stays as suggested."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.model import catalog, weights_files
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
    "layer_decay": "Earlier stages' share of the rate",
    "weight_decay": "Weight decay",
    "schedule": "Schedule",
    "head_epochs": "First epochs for the head alone",
    "early_stop": "Stop early after",
    "metric": "Best epoch by",
    "image_size": "Image size",
    "augment": "Augmentation",
    "mix": "Blended images",
    "balance": "Uneven classes",
    "label_smoothing": "Label smoothing",
    "clip": "Limit on each step",
    "ema": "Average of the weights",
    "progressive": "Start with small images",
    "compile": "Compile the network",
    "seed": "Seed",
    "device": "Device",
    "precision": "Precision",
    "threads": "Processor threads",
    "views": "Views per image",
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
        "head_epochs",
        "early_stop",
        "weight_decay",
        "label_smoothing",
        "clip",
        "ema",
    ),
    "Images": ("image_size", "augment", "mix", "balance", "views", "progressive"),
    "Machine": ("seed", "device", "precision", "threads", "compile"),
}
QUICK = frozenset(
    {
        "backbone",
        "weights",
        "metric",
        "image_size",
        "augment",
        "balance",
        "views",
        "seed",
        "device",
        "precision",
        "threads",
    }
)
"""The settings that mean something when only the head is trained."""
CHOICES = {
    "none": "None",
    "light": "Light",
    "strong": "Strong",
    "randaugment": "RandAugment",
    "mixup": "MixUp",
    "cutmix": "CutMix",
    "off": "Off",
    "on": "On",
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
    "auto": "Automatic",
    "cpu": "Processor",
    "cuda": "Graphics card",
}
DEVICES = ("auto", "cpu", "cuda")
_EXTRA = {"download": "Download of weights allowed", "start_from": "Goes on from"}  # set elsewhere
EMPTY = {"clip": "No limit", "ema": "Off", "early_stop": "Never", "threads": "All of them"}
"""What an empty field means, where nothing is suggested instead."""
STEPS = {"learning_rate": 1e-3, "backbone_learning_rate": 1e-5, "weight_decay": 0.01}


def key(field: str) -> str:
    """Where the session keeps what the person set for `field`."""
    return f"finetune-{field}"


def changed(mode: str) -> dict[str, Any]:
    """What the person set to something else than the suggestion."""
    fields = [field for group in GROUPS.values() for field in group if mode == "full" or field in QUICK]
    values = {field: st.session_state.get(key(field)) for field in [*fields, *_EXTRA]}
    return {
        field: value
        for field, value in values.items()
        if value is not None and value != _default(field) and not configs.refused(field, value)
    }


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
        if value != _default(field):
            st.session_state[key(field)] = value


def draw(
    split: splits.Split,
    suggested: configs.TrainingConfig,
    final: configs.TrainingConfig,
    extra: Callable[[], None],
) -> None:
    """The settings; one that is left alone shows the value that is suggested. `extra` follows those of the
    training.
    """
    for tab, (group, fields) in zip(st.tabs(list(GROUPS)), GROUPS.items(), strict=True):
        shown = [field for field in fields if suggested.mode == "full" or field in QUICK]
        with tab:
            with st.grid(3, min_column_width=220, gap="medium"):
                for field in shown:
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
        shown = words.backbone(value) if field == "backbone" else CHOICES.get(str(value), value)
        said.append(f"{TITLES.get(field, _EXTRA.get(field))}: {words.plain(str(shown))}")
    return " · ".join(said)


def _default(field: str) -> Any:
    return next(entry.default for entry in dataclasses.fields(configs.TrainingConfig) if entry.name == field)


def _widget(field: str, suggested: configs.TrainingConfig) -> None:
    if field == "weights":
        _weights(suggested)
    elif field == "backbone":
        _select(field, list(catalog.BACKBONES), _backbone, suggested)
    elif field == "device":
        _select(field, list(DEVICES), _choice, suggested)
    elif field in configs.CHOICES:
        _select(field, list(configs.CHOICES[field]), _choice, suggested)
    else:
        _number(field, suggested)


def _weights(suggested: configs.TrainingConfig) -> None:
    """What is on this disk for the backbone, and a download where there is something to fetch."""
    found = {choice.spec: choice for choice in weights_files.available(suggested.backbone)}

    def title(spec: str) -> str:
        return f"{found[spec].title} ({found[spec].note})" if spec in found else "Automatic: the best at hand"

    with st.container(gap="xxsmall"):
        _select(
            "weights", ["auto", *(spec for spec, choice in found.items() if choice.ready)], title, suggested
        )
        for choice in found.values():
            if not choice.ready:
                st.toggle(
                    f"Download {choice.title} weights",
                    key=key("download"),
                    persist_state="session",
                    help=f"{choice.title}: {choice.note}. Left off, nothing is fetched from the network.",
                )


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
    value = getattr(suggested, field)
    whole = isinstance(configs.RANGES[field][0], int)
    st.number_input(
        TITLES[field],
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
    return CHOICES.get(value, value)


def _backbone(name: str) -> str:
    info = catalog.BACKBONES[name]
    return f"{info.title} ({info.parameters / 1e6:.0f} M parameters)"
