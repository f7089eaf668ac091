"""A new run: what is suggested behind one button, and the settings for who wants them."""

from __future__ import annotations

import dataclasses

import streamlit as st

from core import errors, runs
from core.model import weights_files, weights_menu
from core.split import store as splits
from core.training import config as configs
from core.training import jobs, recipe
from pages.parts import finetune_forecast, problems, state
from pages.parts import finetune_settings as settings
from pages.parts import finetune_words as words

RATES = weights_files.PRETRAINED_RATES
ALIKE = ("split", "mode", "backbone", "image_size")
LIKE = 30
"""How many of the newest runs are looked through for one that took as long as this one will."""
MODES = {"quick": ":material/bolt: Quick", "full": ":material/model_training: Full"}
SAYS = {
    "quick": "Keeps the pretrained network as it is and trains only its new last layer: done in seconds.",
    "full": "Trains the whole network, gently: takes minutes, and is usually the better model.",
}


def draw(split: splits.Split) -> None:
    """The card with its one button, and under it the settings."""
    mode = st.session_state.setdefault("finetune-mode", "full")
    changes = settings.changed(mode)
    asked = configs.TrainingConfig(dataset=split.dataset, split=split.name, mode=mode, **changes)
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
        _facts(split, asked, final)
        if changes:
            st.caption(f"Changed: {settings.describe(changes)}")
        _buttons(asked, bool(changes))
    with st.expander("Settings", icon=":material/tune:"):
        settings.draw(split, suggested, final)
    finetune_forecast.draw(asked)


def suggest(split: splits.Split, mode: str, changes: dict) -> configs.TrainingConfig:
    """What a run of these images would use if only model and weights were chosen."""
    kept = {
        field: changes[field]
        for field in ("backbone", "weights", "download", "start_from")
        if field in changes
    }
    asked = configs.TrainingConfig(dataset=split.dataset, split=split.name, mode=mode, **kept)
    return recipe.fill(asked, at_hand(asked), split.counts()["train"])


def at_hand(config: configs.TrainingConfig) -> weights_files.Weights:
    """The weights that a run would really start from, told from what lies on this disk."""
    if config.start_from:
        size = runs.load(config.start_from).config().get("image_size") or 224
        return dataclasses.replace(weights_files.none(), kind="run", image_size=size, defaults=RATES)
    if config.download and config.weights in ("auto", "imagenet"):
        return dataclasses.replace(weights_files.none(), kind="imagenet", image_size=224, defaults=RATES)
    choices = {choice.spec: choice for choice in weights_menu.available(config.backbone) if choice.ready}
    spec = config.weights if config.weights != "auto" else next(iter(choices))
    if spec == "imagenet":
        return weights_files.imagenet(config.backbone) or weights_files.none()
    if spec in ("starter", "none"):
        return getattr(weights_files, spec)()
    return weights_files.from_file(spec)


def _facts(split: splits.Split, asked: configs.TrainingConfig, final: configs.TrainingConfig) -> None:
    """What this run will be, before it is."""
    counts = split.counts()["train"]
    facts = {
        "Model": (words.backbone(final.backbone), f"a new last layer for {len(counts)} classes"),
        "Starts from": (_source(final, at_hand(final)), f"{final.image_size} px images"),
        "Learns from": (f"{sum(counts.values()):,} images", f"of {words.plain(split.dataset)}"),
        "Takes": _takes(asked, final),
    }
    with st.grid(4, min_column_width=140):
        for label, (value, note) in facts.items():
            st.markdown(f":gray[{label}]  \n**{value}**  \n:small[:gray[{note}]]")


def _takes(asked: configs.TrainingConfig, final: configs.TrainingConfig) -> tuple[str, str]:
    """The expected time: as forecast, else as the last such run took, else that it is not known yet."""
    epochs = f"{final.epochs} epochs" if final.mode == "full" else "the last layer only"
    forecast = finetune_forecast.seconds(asked) if final.mode == "full" else None
    if forecast is not None:
        return f"About {words.duration(forecast)}", f"{epochs}, by the forecast"
    for run in runs.all_runs()[:LIKE]:
        config, status = run.config(), run.status()
        same = all(config.get(name) == getattr(final, name) for name in ALIKE)
        if (
            same
            and status["state"] == "finished"
            and (final.mode == "quick" or config["epochs"] == final.epochs)
        ):
            return f"About {words.duration(status.get('seconds'))}", f"{epochs}, as last time"
    if final.mode == "quick":
        return "Seconds", epochs
    return epochs.capitalize(), "a forecast says how long"


def _source(config: configs.TrainingConfig, weights: weights_files.Weights) -> str:
    """What the network has learned before, in two words; or the run that it goes on from."""
    if config.start_from:
        return words.plain(words.title(runs.load(config.start_from)))
    said = words.weights(weights.record())
    return said[0].upper() + said[1:]


def _buttons(asked: configs.TrainingConfig, changed: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Start finetuning", key="finetune-start", type="primary", icon=":material/play_arrow:"):
            _launch(asked)
        if changed:
            st.button(
                "Back to the suggestion", key="finetune-reset", type="tertiary", on_click=settings.reset
            )


def _launch(asked: configs.TrainingConfig) -> None:
    """Start a detached worker and show its run; what is left open is chosen when it starts."""
    try:
        run = jobs.launch(asked)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    state.choose(run=run.id)
    st.session_state["finetune-turn"] = "runs"
    st.rerun()
