"""What an epoch came to: its line of history, and whether it is the best so far."""

from typing import Any

import numpy as np

from core.training import checkpoint, evaluate
from core.training import config as configs


def entry(
    state: checkpoint.State,
    scores: np.ndarray,
    true: np.ndarray,
    *,
    learning_rate: float,
    evaluation_seconds: float,
) -> dict[str, Any]:
    """The line of history for the epoch under way, from its sums in `state` and the validation images'
    `scores` (n, n_classes) and labels `true` (n,).
    """
    loss, correct, images, seconds = state.totals
    found = evaluate.figures(scores, true)
    return {
        "epoch": state.epoch + 1,
        "train_loss": loss / images,
        "train_accuracy": correct / images,
        **{f"validation_{key}": value for key, value in found.items()},
        "learning_rate": learning_rate,
        "seconds": round(seconds + evaluation_seconds, 3),
        "training_seconds": round(seconds, 3),
        "images_per_second": round(images / seconds, 2) if seconds else None,
        "scores": scores,
    }


def judge(config: configs.TrainingConfig, state: checkpoint.State, line: dict[str, Any]) -> bool:
    """Whether this epoch is the best so far; `state` counts towards stopping early."""
    metric = config.metric or "accuracy"
    value = float(line[f"validation_{metric}"])
    improved = evaluate.better(metric, value, state.best_value)
    if improved:
        state.best_value, state.best_epoch, state.stale = value, state.epoch + 1, 0
    else:
        state.stale += 1
    state.stopped_early = config.early_stop is not None and state.stale >= config.early_stop
    return improved
