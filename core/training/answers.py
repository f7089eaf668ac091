"""Questions about settings, asked and read without torch: a process of its own works each answer out.

cache/<kind>/<key>.json          the answer
cache/<kind>/<key>-state.json    {"state": "working" | "failed", "message"} before there is one
"""

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import progress as progresses
from core import workspace
from core.errors import NotFoundError
from core.split import store as splits
from core.training import config as configs

SILENT = ("name", "note", "tags")
"""Settings that change nothing."""
STARTING_SECONDS = 60.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of question: `name` is its folder in the cache, `module` what is run to answer it, `noun` what
    the answer is called.
    """

    name: str
    module: str
    noun: str

    def file(self, config: configs.TrainingConfig) -> Path:
        """Where the answer is kept: it holds for one split as it is now, and its settings."""
        said = {key: value for key, value in config.to_dict().items() if key not in SILENT}
        said["made"] = splits.load(config.split).created
        key = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]
        return workspace.cache_folder(self.name) / f"{key}.json"

    def read(self, config: configs.TrainingConfig) -> dict[str, Any] | None:
        """The answer, if it has been made."""
        try:
            kept: dict[str, Any] = workspace.read_json(self.file(config))
        except NotFoundError:
            return None
        return kept

    def forget(self, config: configs.TrainingConfig) -> None:
        """Drop the answer, so that it is made anew when it is asked for."""
        self.file(config).unlink(missing_ok=True)

    def ask(self, config: configs.TrainingConfig) -> None:
        """Have the answer made by a process of its own; `state` then tells how it goes on."""
        environment = os.environ | {workspace.VARIABLE: str(workspace.home())}
        self.tell(config, "Starting")
        process = subprocess.Popen(
            [sys.executable, "-m", self.module, json.dumps(config.to_dict())],
            cwd=workspace.CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        threading.Thread(target=process.wait, daemon=True).start()  # so that no zombie stays behind

    def state(self, config: configs.TrainingConfig) -> dict[str, Any]:
        """How far an asked-for answer is: {"state": "none" | "working" | "failed" | "ready", "message"}."""
        if self.read(config) is not None:
            return {"state": "ready", "message": ""}
        path = self._state_file(config)
        try:
            said: dict[str, Any] = workspace.read_json(path)
        except NotFoundError:
            return {"state": "none", "message": ""}
        old = said["state"] == "working" and time.time() - path.stat().st_mtime > STARTING_SECONDS
        if old and not workspace.is_locked(self.lock_path(config)):
            return {"state": "failed", "message": f"The {self.noun} ended without an answer. Ask again."}
        return said

    def lock_path(self, config: configs.TrainingConfig) -> Path:
        """Held while the answer is being made."""
        return self.file(config).with_suffix(".lock")

    def tell(
        self, config: configs.TrainingConfig, message: str, *, failed: bool = False, share: float = 0.0
    ) -> None:
        """Say how far it is (`share` of the work, from 0 to 1), or why there will be none."""
        state = {"state": "failed" if failed else "working", "message": message, "share": share}
        workspace.write_json(self._state_file(config), state)

    def work_out(
        self,
        arguments: list[str],
        make: Callable[[configs.TrainingConfig, progresses.Progress], Any],
        sentence: Callable[[BaseException], str],
    ) -> int:
        """What the process does: `make` the answer for the settings given as JSON, telling how far it is."""
        config = configs.TrainingConfig.from_dict(json.loads(arguments[0]))
        with workspace.lock(self.lock_path(config)):
            try:
                make(config, _hearing(self, config))
            except Exception as error:  # the process ends here, and the page must say why
                self.tell(config, sentence(error), failed=True)
                return 1
        return 0

    def _state_file(self, config: configs.TrainingConfig) -> Path:
        path = self.file(config)
        return path.with_name(f"{path.stem}-state.json")


def _hearing(kind: Kind, config: configs.TrainingConfig) -> progresses.Progress:
    last, said = 0.0, ""

    def hear(done: int, total: int, message: str) -> None:
        nonlocal last, said
        if message == said and time.monotonic() - last < 0.3 and done != total:
            return
        last, said = time.monotonic(), message
        kind.tell(config, message, share=done / total if total else 0.0)

    return hear


FORECASTS = Kind(name="forecasts", module="core.training.forecast", noun="forecast")
RATES = Kind(name="rates", module="core.training.rate_finder", noun="search for a learning rate")
