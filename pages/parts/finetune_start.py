"""A new run: what is suggested behind one button, and the settings for who wants them."""

from __future__ import annotations

import dataclasses

import streamlit as st

from core import errors, runs
from core.model import weights_files
from core.split import store as splits
from core.training import config as configs
from core.training import jobs, recipe
from pages.parts import finetune_settings as settings
from pages.parts import finetune_words as words
from pages.parts import problems, state

MODES = {"quick": ":material/bolt: Quick", "full": ":material/model_training: Full"}
SAYS = {
    "quick": "Keeps the pretrained network as it is and trains only its new last layer: done in seconds.",
    "full": "Trains the whole network, gently: takes minutes, and is usually the better model.",
}


def draw(split: splits.Split) -> None:
    """The card with its one button, and under it the settings."""
    mode = st.session_state.setdefault("finetune-mode", "full")
    changes = settings.changed(mode)
    suggested = suggest(split, mode, changes)
    final = suggested.but(**changes)
    with st.container(border=True, key="finetune-card"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(
                "Your settings" if changes else "Start with what we suggest", anchor=False, width="stretch"
            )
            st.segmented_control(
                "Way to train",
                list(MODES),
                format_func=MODES.get,
                required=True,
                key="finetune-mode",
                label_visibility="collapsed",
                persist_state="session",
            )
        st.markdown(SAYS[mode])
        _facts(split, final)
        if changes:
            st.caption(f"Changed: {settings.describe(changes)}")
        _buttons(split, mode, changes)
    with st.expander("Settings", icon=":material/tune:"):
        settings.draw(split, suggested, final)


def suggest(split: splits.Split, mode: str, changes: dict) -> configs.TrainingConfig:
    """What a run of these images would use if only model and weights were chosen."""
    kept = {field: changes[field] for field in ("backbone", "weights", "start_from") if field in changes}
    asked = configs.TrainingConfig(dataset=split.dataset, split=split.name, mode=mode, **kept)
    return recipe.fill(asked, at_hand(asked), split.counts()["train"])


def at_hand(config: configs.TrainingConfig) -> weights_files.Weights:
    """The weights that a run would really start from, told from what lies on this disk."""
    if config.start_from:
        size = runs.load(config.start_from).config().get("image_size") or 224
        rates = weights_files.PRETRAINED_RATES
        return dataclasses.replace(weights_files.none(), kind="run", image_size=size, defaults=rates)
    choices = {choice.spec: choice for choice in weights_files.available(config.backbone) if choice.ready}
    spec = config.weights if config.weights != "auto" else next(iter(choices))
    if spec == "imagenet":
        return weights_files.imagenet(config.backbone) or weights_files.none()
    if spec in ("starter", "none"):
        return getattr(weights_files, spec)()
    return weights_files.from_file(spec)


def _facts(split: splits.Split, config: configs.TrainingConfig) -> None:
    """What this run will be, before it is."""
    counts = split.counts()["train"]
    weights = at_hand(config)
    facts = {
        "Model": (words.backbone(config.backbone), f"a new last layer for {len(counts)} classes"),
        "Starts from": (_source(config, weights), f"{config.image_size} px images"),
        "Learns from": (f"{sum(counts.values()):,} images", f"of {split.dataset}"),
        "Trains": (
            "The last layer" if config.mode == "quick" else f"{config.epochs} epochs",
            "then validates itself",
        ),
    }
    with st.grid(4, min_column_width=140):
        for label, (value, note) in facts.items():
            st.markdown(f":gray[{label}]  \n**{value}**  \n:small[:gray[{note}]]")


def _source(config: configs.TrainingConfig, weights: weights_files.Weights) -> str:
    """What the network has learned before, in two words; or the run that it goes on from."""
    if config.start_from:
        return words.plain(words.title(runs.load(config.start_from)))
    said = words.weights(weights.record())
    return said[0].upper() + said[1:]


def _buttons(split: splits.Split, mode: str, changes: dict) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Start finetuning", key="finetune-start", type="primary", icon=":material/play_arrow:"):
            _launch(split, mode, changes)
        if changes:
            st.button(
                "Back to the suggestion", key="finetune-reset", type="tertiary", on_click=settings.reset
            )


def _launch(split: splits.Split, mode: str, changes: dict) -> None:
    """Start a detached worker and show its run; what is left open is chosen when it starts."""
    try:
        run = jobs.launch(
            configs.TrainingConfig(dataset=split.dataset, split=split.name, mode=mode, **changes)
        )
    except errors.FieldguideError as error:
        problems.show(error)
        return
    state.choose(run=run.id)
    st.session_state["finetune-turn"] = "runs"
    st.rerun()
