"""Forecasts, asked for and read without torch: a process of its own works them out.

cache/forecasts/<key>.json          the answer
cache/forecasts/<key>-state.json    {"state": "working" | "failed", "message"} before there is one
"""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from core import workspace
from core.errors import NotFoundError
from core.split import store as splits
from core.training import config as configs

SILENT = ("name", "note", "tags")
"""Settings that change nothing."""
STARTING_SECONDS = 15.0


def file(config: configs.TrainingConfig) -> Path:
    """Where the forecast of `config` is kept: it holds for one split as it is now, and its settings."""
    said = {key: value for key, value in config.to_dict().items() if key not in SILENT}
    said["made"] = splits.load(config.split).created
    key = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]
    return workspace.cache_folder("forecasts") / f"{key}.json"


def read(config: configs.TrainingConfig) -> dict[str, Any] | None:
    """The forecast, if it has been made."""
    try:
        kept: dict[str, Any] = workspace.read_json(file(config))
    except NotFoundError:
        return None
    return kept


def ask(config: configs.TrainingConfig) -> None:
    """Have the forecast made by a process of its own; `state` then tells how it goes on."""
    environment = os.environ | {workspace.VARIABLE: str(workspace.home())}
    _write_state(config, state="working", message="Starting")
    process = subprocess.Popen(
        [sys.executable, "-m", "core.training.forecast", json.dumps(config.to_dict())],
        cwd=workspace.CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=process.wait, daemon=True).start()  # so that no zombie stays behind


def state(config: configs.TrainingConfig) -> dict[str, Any]:
    """How far an asked-for forecast is: {"state": "none" | "working" | "failed" | "ready", "message"}."""
    if read(config) is not None:
        return {"state": "ready", "message": ""}
    path = _state_file(config)
    try:
        said: dict[str, Any] = workspace.read_json(path)
    except NotFoundError:
        return {"state": "none", "message": ""}
    if said["state"] == "working" and not workspace.is_locked(lock_path(config)) and _is_old(path):
        return {"state": "failed", "message": "The forecast ended without an answer. Ask again."}
    return said


def lock_path(config: configs.TrainingConfig) -> Path:
    """Held while the forecast is being made."""
    return file(config).with_suffix(".lock")


def tell(config: configs.TrainingConfig, message: str, *, failed: bool = False) -> None:
    """Say how far it is, or why there will be none."""
    _write_state(config, state="failed" if failed else "working", message=message)


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > STARTING_SECONDS


def _state_file(config: configs.TrainingConfig) -> Path:
    path = file(config)
    return path.with_name(f"{path.stem}-state.json")


def _write_state(config: configs.TrainingConfig, **values: Any) -> None:
    workspace.write_json(_state_file(config), values)
