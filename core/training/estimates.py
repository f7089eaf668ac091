"""What a run will take before it is started: by its forecast, else by the latest run like it."""

import dataclasses
from typing import Any

import pandas as pd

from core import runs
from core.training import config as configs
from core.training import forecasts

LIKE = 30
"""How many of the newest runs are looked through."""
UNTIMED = ("dataset", "split", "epochs", "name", "note", "tags", "seed", "metric", "download")
"""Settings that say nothing about the time, or are counted apart."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Estimate:
    """Seconds of work without the queue, the most memory in bytes (None: not known), and where the figures
    come from: "forecast" or "run".
    """

    seconds: float
    memory_bytes: int | None
    by: str


def of(config: configs.TrainingConfig, table: pd.DataFrame) -> Estimate | None:
    """The estimate for a run as it is asked for, on a table with a column `subset`, if there is one."""
    forecast = forecasts.read(config) if config.mode == "full" else None
    if forecast is not None:
        memory = int(forecast["cost"]["memory_bytes"])
        return Estimate(seconds=float(forecast["seconds_full"]), memory_bytes=memory, by="forecast")
    for run in runs.all_runs()[:LIKE]:
        found = _by(run, config, table)
        if found is not None:
            return found
    return None


def _by(run: runs.Run, config: configs.TrainingConfig, table: pd.DataFrame) -> Estimate | None:
    """What a finished run took, scaled by the images and, of a full one, by the epochs."""
    record = run.config()
    if not _alike(record.get("asked") or {}, config.to_dict()):
        return None
    status = run.status()
    if status["state"] != "finished" or not status.get("seconds"):
        return None
    epochs = _epochs(record, config)
    theirs = int((run.manifest()["subset"] == "train").sum())
    if epochs is None or not theirs:
        return None
    share = int((table["subset"] == "train").sum()) / theirs
    return Estimate(
        seconds=float(status["seconds"]) * share * epochs, memory_bytes=status.get("peak_bytes"), by="run"
    )


def _alike(asked: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(asked.get(key) == value for key, value in wanted.items() if key not in UNTIMED)


def _epochs(record: dict[str, Any], config: configs.TrainingConfig) -> float | None:
    """How many times as many epochs are wanted; None where that cannot be told."""
    if config.mode == "quick" or record["asked"].get("epochs") == config.epochs:
        return 1.0
    return config.epochs / record["epochs"] if config.epochs and record.get("epochs") else None
