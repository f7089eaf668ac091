"""Forecasts, asked for and read without torch: a process of its own works them out."""

from pathlib import Path
from typing import Any

from core.training import answers, waiting
from core.training import config as configs


def file(config: configs.TrainingConfig) -> Path:
    """Where the forecast of `config` is kept."""
    return answers.FORECASTS.file(config)


def read(config: configs.TrainingConfig) -> dict[str, Any] | None:
    """The forecast, if it has been made; the queue before a run is that of now."""
    kept = answers.FORECASTS.read(config)
    if kept is not None:
        kept["cost"]["queue_seconds"] = round(waiting.seconds(config.device), 1)
    return kept


def ask(config: configs.TrainingConfig) -> None:
    """Have the forecast made, also anew; `state` then tells how it goes on."""
    answers.FORECASTS.forget(config)
    answers.FORECASTS.ask(config)


def state(config: configs.TrainingConfig) -> dict[str, Any]:
    """How far an asked-for forecast is, as `answers.Kind.state`."""
    return answers.FORECASTS.state(config)
