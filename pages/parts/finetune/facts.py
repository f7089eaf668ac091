"""What a run will be, before it is: the model, its images, and what it will take."""

from __future__ import annotations

import streamlit as st

from core import errors, runs
from core.split import store as splits
from core.training import config as configs
from core.training import estimates, recipe, waiting
from pages.parts import words
from pages.parts.finetune import at_hand, scores


def draw(split: splits.Split, asked: configs.TrainingConfig, final: configs.TrainingConfig) -> None:
    """Four facts in a row, and what a person should know about weights and uneven classes."""
    counts = split.counts()["train"]
    found = {
        "Model": (words.backbone(final.backbone), f"a new last layer for {len(counts)} classes"),
        "Starts from": (_source(final), f"{final.image_size} px images"),
        "Learns from": (f"{sum(counts.values()):,} images", f"of {words.plain(split.dataset)}"),
        "Takes": _takes(split, asked, final),
    }
    with st.grid(4, min_column_width=140):
        for label, (value, note) in found.items():
            st.markdown(f":gray[{label}]  \n**{value}**  \n:small[:gray[{note}]]")
    if trouble := at_hand.problem(final):
        st.warning(words.plain(trouble), icon=":material/broken_image:")
    if said := _uneven(counts, final):
        st.caption(f":material/balance: {said}")


def _takes(
    split: splits.Split, asked: configs.TrainingConfig, final: configs.TrainingConfig
) -> tuple[str, str]:
    """The expected time and memory, and the queue before it; or that it is not known yet."""
    epochs = f"{final.epochs} epochs" if final.mode == "full" else "the last layer only"
    known = estimates.of(asked, split.table)
    queue = waiting.seconds(final.device)
    wait = f" + {words.duration(queue)} in the queue" if queue else ""
    if known is None:
        note = f"{epochs}{wait}" if final.mode == "quick" else f"{epochs}{wait}; a forecast says how long"
        return "Not known yet", note
    memory = f", {words.size(known.memory_bytes)} of memory" if known.memory_bytes else ""
    by = "by the forecast" if known.by == "forecast" else "as the last such run"
    return f"About {words.duration(known.seconds)}{wait}", f"{epochs}{memory}; {by}"


def _source(config: configs.TrainingConfig) -> str:
    """What the network has learned before, in two words; or the run that it goes on from."""
    if config.start_from:
        try:
            return words.plain(words.title(runs.load(config.start_from)))
        except errors.NotFoundError:
            return "A run that is gone"
    said = words.weights(at_hand.weights(config).record())
    return said[0].upper() + said[1:]


def _uneven(counts: dict[str, int], final: configs.TrainingConfig) -> str:
    """What is done about classes of very different sizes; empty where they are alike."""
    if not recipe.uneven(counts, recipe.BALANCE_RATIO):
        return ""
    said = f"Your classes are uneven: {min(counts.values()):,} to {max(counts.values()):,} training images. "
    if final.balance == "none":
        return (
            said + "Nothing is done about it; the setting *Uneven classes* would let small ones count more."
        )
    ways = {
        "weights": "each image of a small one counts more",
        "sampler": "each class is shown equally often",
        "focal": "images that are still mistaken count more",
    }
    judged = f", and the best epoch is chosen by {scores.METRICS[final.metric or 'accuracy']}"
    return said + f"So {ways[final.balance or 'weights']}" + (f"{judged}." if final.mode == "full" else ".")
