"""Warnings in plain words, from what a run's history shows."""

from collections.abc import Sequence
from typing import Any

from core.training import confusions

PATIENCE = 3
SMALL_DROP = 0.01


def during(history: Sequence[dict[str, Any]], classes: Sequence[str]) -> list[str]:
    """What a person watching the run should know after its last epoch; empty when all is well."""
    if not history:
        return []
    found = [
        _falling(history),
        _over_fitting(history),
        _never_predicted(history[-1], classes),
        _guessing(history, classes),
    ]
    return [sentence for sentence in found if sentence]


def _falling(history: Sequence[dict[str, Any]]) -> str | None:
    """The training loss has not fallen over the last few epochs."""
    losses = [line["train_loss"] for line in history]
    if len(losses) <= PATIENCE:
        return None
    before, lately = min(losses[:-PATIENCE]), min(losses[-PATIENCE:])
    if lately < before * (1 - SMALL_DROP) or history[-1]["train_accuracy"] > 0.98:
        return None
    return (
        f"The training loss has not fallen for {PATIENCE} epochs. More epochs will hardly help: try other "
        "learning "
        "rates, weaker augmentation, or a larger backbone."
    )


def _over_fitting(history: Sequence[dict[str, Any]]) -> str | None:
    """Validation loss rises while training loss falls, since its lowest point."""
    losses = [line["validation_loss"] for line in history]
    lowest = losses.index(min(losses))
    since = history[lowest + 1 :]
    if len(since) < 2 or losses[-1] < losses[lowest] * 1.05:
        return None
    if history[-1]["train_loss"] >= history[lowest]["train_loss"]:
        return None
    return (
        f"Over-fitting since epoch {history[lowest]['epoch']}: the loss still falls on the training images "
        "and rises on the validation images, so the model becomes too sure of its mistakes"
        f"{_though(history, lowest)}. More images or stronger augmentation help; the best epoch is kept "
        "anyway."
    )


def _though(history: Sequence[dict[str, Any]], lowest: int) -> str:
    """What to add where the share of right answers did not suffer."""
    before, now = (history[place]["validation_accuracy"] for place in (lowest, -1))
    return ", though it does not make more of them" if now >= before else ""


def _never_predicted(line: dict[str, Any], classes: Sequence[str]) -> str | None:
    """A class that validation images have, and the model never answers."""
    counts = confusions.of(line, classes)
    if not counts or line["epoch"] < 2:
        return None
    answered = [sum(row[j] for row in counts) for j in range(len(classes))]
    missed = [name for name, n, row in zip(classes, answered, counts, strict=True) if n == 0 and sum(row) > 0]
    if not missed:
        return None
    names = ", ".join(repr(name) for name in missed[:3]) + (
        f" and {len(missed) - 3} more" if len(missed) > 3 else ""
    )
    verb = "is" if len(missed) == 1 else "are"
    return f"{names} {verb} never predicted. Set balance to weights or sampler, or add images of it."


def _guessing(history: Sequence[dict[str, Any]], classes: Sequence[str]) -> str | None:
    """No better than always answering the largest class, after a third epoch."""
    line = history[-1]
    counts = confusions.of(line, classes)
    if not counts or line["epoch"] < 3:
        return None
    largest = max(sum(row) for row in counts) / max(sum(map(sum, counts)), 1)
    best = max(entry["validation_accuracy"] for entry in history)
    if best > largest + 0.02:
        return None
    return (
        f"After {line['epoch']} epochs the model is no better than always answering the largest class "
        f"({largest:.0%}). Look at the images and labels of the {len(classes)} classes, or use pretrained "
        "weights."
    )
