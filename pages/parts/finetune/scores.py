"""How a run did, in words: by which metric, in which epoch."""

from __future__ import annotations

from typing import Any

from pages.parts.words import percent

METRICS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "loss": "loss",
}


def chosen_metric(config: dict[str, Any]) -> str:
    """The metric that decides about the best epoch; accuracy until that is settled."""
    metric = str(config.get("metric") or "accuracy")
    return metric if config.get("mode") != "quick" else "accuracy"


def figure(metric: str, value: float | None) -> str:
    """A metric's value: a percentage, or the loss as it is."""
    if metric == "loss":
        return "—" if value is None else f"{value:.3f}"
    return percent(value)


def best(status: dict[str, Any], history: list[dict[str, Any]]) -> dict[str, Any]:
    """The line of the best epoch; the last one where none is marked."""
    marked = (entry for entry in history if entry["epoch"] == status.get("best_epoch"))
    return next(marked, history[-1])
