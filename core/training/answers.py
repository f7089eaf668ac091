"""Questions about settings, asked and read without torch: a process of its own works each answer out.

cache/<kind>/<key>.json          the answer
cache/<kind>/<key>-state.json    how far it is, before there is one (`core.asked`)
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import asked, workspace
from core import progress as progresses
from core.errors import NotFoundError
from core.split import store as splits
from core.training import config as configs

SILENT = ("name", "note", "tags")
"""Settings that change nothing."""


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

    def work(self, config: configs.TrainingConfig) -> asked.Work:
        """The making of the answer."""
        settings = json.dumps(config.to_dict())
        place = self.file(config).with_suffix("")
        return asked.Work(place=place, module=self.module, arguments=(settings,), noun=self.noun)

    def ask(self, config: configs.TrainingConfig) -> None:
        """Have the answer made by a process of its own; `state` then tells how it goes on."""
        self.work(config).ask()

    def state(self, config: configs.TrainingConfig) -> dict[str, Any]:
        """How far an asked-for answer is, as `asked.Work.state`; "ready" where there is one."""
        said = self.work(config).state()
        if self.file(config).exists():
            return said | {"state": "ready", "message": ""}
        return said | {"state": "none"} if said["state"] == "ready" else said

    def work_out(
        self,
        arguments: list[str],
        make: Callable[[configs.TrainingConfig, progresses.Progress], Any],
        explain: Callable[[BaseException], str],
    ) -> int:
        """What the process does: `make` the answer for the settings given as JSON, telling how far it is."""
        config = configs.TrainingConfig.from_dict(json.loads(arguments[0]))
        try:
            with self.work(config).doing(explain) as progress:
                make(config, progress)
        except Exception:  # the process ends here; its state says why
            return 1
        return 0


FORECASTS = Kind(name="forecasts", module="core.training.forecast", noun="forecast")
RATES = Kind(name="rates", module="core.training.rate_finder", noun="search for a learning rate")
