"""How far a living run is: the bar, the time left, this epoch's loss so far, and what is going on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import words
from pages.parts.finetune import scores

STAGES = {
    "Looking for pretrained weights": "Choosing what the network starts from.",
    "Measuring which precision is faster": "A few steps in two kinds of arithmetic; the quicker one is used.",
    "Decoding images": "Each photo is read once and kept small, so that the epochs are quick. The next run "
    "on these images skips this.",
    "Looking at images": "The pretrained network looks at each image once; what it sees is kept for later.",
    "Timing a few images": "So that the time left can be told.",
    "Compiling the network": "This takes a minute or two, once.",
    "Epoch 1 of": "The first pass through all training images. The curves begin when it has ended.",
    "Choosing the head": "The new last layer is tried in several strengths on parts of the training images.",
}
"""What a person watching the beginning should know, by how the worker's message begins."""
SHORTEST_SECONDS = 1.0


def bar(status: dict[str, Any]) -> None:
    """What the worker does now, as a bar where its share is known, and what it has run short of."""
    text = status.get("message") or "Starting"
    left = status.get("seconds_left")
    if left is not None and left >= SHORTEST_SECONDS:
        text += f" · about {words.duration(left)} left"
    if status.get("total"):
        st.progress(words.fraction(status), text=text)
    else:
        st.markdown(f":material/hourglass_top: {words.plain(text)} …")
    if status.get("memory"):
        st.warning(words.plain(status["memory"]), icon=":material/memory:")


def within(status: dict[str, Any], *, alone: bool) -> None:
    """This epoch so far: the running loss with its course, the speed and the learning rate; nothing before
    the first step. `alone`: no epoch has ended yet, so that the time worked is told here too.
    """
    if status.get("loss") is None or "Epoch" not in (status.get("message") or ""):
        return
    with st.grid(4 if alone else 3, min_column_width=140):
        st.metric(
            "Loss in this epoch",
            f"{status['loss']:.3f}",
            border=True,
            height="stretch",
            chart_data=status.get("losses") or None,
            chart_type="line",
            help="The mean over the training images seen in this epoch so far.",
        )
        st.metric(
            "Images per second", f"{status.get('images_per_second') or 0:,.0f}", border=True, height="stretch"
        )
        st.metric(
            "Learning rate",
            f"{status.get('learning_rate') or 0:.1e}",
            border=True,
            height="stretch",
            help="The head's, at the last step.",
        )
        if alone:
            st.metric("So far", words.duration(status.get("seconds")), border=True, height="stretch")


def beginning(status: dict[str, Any], *, quick: bool) -> None:
    """While there is nothing to draw yet: what is going on, and what will be here."""
    message = status.get("message") or ""
    why = next((said for start, said in STAGES.items() if message.startswith(start)), "")
    here = "The result appears here." if quick else "The curves appear here after the first epoch."
    with st.container(border=True, key="finetune-beginning"):
        st.markdown(
            f":material/model_training: **{words.plain(message.split(':')[0] or 'Starting')}**  \n{why}"
        )
        st.skeleton(height=120)
        st.caption(here)


def tiles(status: dict[str, Any], config: dict[str, Any], history: list[dict[str, Any]]) -> None:
    """The best epoch so far, by the metric that chooses it, and what the run takes or took."""
    best = scores.best(status, history)
    running = status["state"] == "running"
    metric = scores.chosen_metric(config)
    shown = "accuracy" if metric == "loss" else metric
    note = "best epoch so far" if running else f"epoch {best['epoch']} of {len(history)}"
    with st.grid(4, min_column_width=140):
        crossed = best.get("cross_validation_accuracy")
        _tile(
            f"Validation {scores.METRICS[shown]}",
            words.percent(best.get(f"validation_{shown}")),
            "" if crossed else note,
        )
        _tile("Validation loss", f"{best['validation_loss']:.3f}", f"training {best['train_loss']:.3f}")
        if crossed:
            _tile("Cross-validation", words.percent(crossed), "on training images", CROSSED)
        elif shown != "accuracy":
            _tile("Validation accuracy", words.percent(best["validation_accuracy"]), note)
        elif running:  # the speed is told with the epoch under way
            _tile("Validation macro F1", words.percent(best.get("validation_macro_f1")), note)
        else:
            _tile("Images per second", f"{best.get('images_per_second') or 0:,.0f}", "while training")
        held = status.get("peak_bytes")
        took = f"{words.size(held)} of memory" if held else ""
        _tile("So far" if running else "Took", words.duration(status.get("seconds")), took)


CROSSED = (
    "Accuracy on the training images, divided into parts: each was answered by a last layer that had learned "
    "only from the others. It rests on more images than the validation figure: far below it, validation was "
    "lucky."
)


def _tile(label: str, value: str, note: str, explained: str | None = None) -> None:
    st.metric(
        label,
        value,
        delta=note or None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=explained,
    )
