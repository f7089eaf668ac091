"""A new run: what is suggested behind one button, and the settings for who wants them."""

from __future__ import annotations

import streamlit as st

from core import errors
from core.split import store as splits
from core.training import config as configs
from core.training import jobs, recipe
from pages.parts import problems, state
from pages.parts.finetune import at_hand, facts, forecast, form, rates, settings

MODES = {"quick": ":material/bolt: Quick", "full": ":material/model_training: Full"}
SAYS = {
    "quick": "Keeps the pretrained network as it is and trains only its new last layer: the quicker way.",
    "full": "Trains the whole network, gently: the longer way. It gains most with many images, or with "
    "images unlike photographs; with few, a quick run is often as good.",
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
        facts.draw(split, asked, final)
        if changes:
            st.caption(f"Changed: {settings.describe(changes)}")
        _buttons(asked, bool(changes))
    with st.expander("Settings", icon=":material/tune:"):
        form.draw(split, suggested, final, lambda: rates.draw(asked))
    forecast.draw(asked)


def suggest(split: splits.Split, mode: str, changes: dict) -> configs.TrainingConfig:
    """What a run of these images would use if only model and weights were chosen."""
    kept = {
        field: changes[field]
        for field in ("backbone", "weights", "download", "start_from")
        if field in changes
    }
    asked = configs.TrainingConfig(dataset=split.dataset, split=split.name, mode=mode, **kept)
    return recipe.fill(asked, at_hand.weights(asked), split.counts()["train"])


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
