"""Work that a process of its own does: asked for and followed without loading what it needs.

PLACE-state.json    {"state": "working" | "failed" | "ready", "done", "total", "message"}
PLACE.lock          held for as long as the work goes on
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import workspace
from core.errors import FieldguideError, NotFoundError
from core.progress import Progress

STARTING_SECONDS = 60.0
"""How long a process may take to begin (it loads torch first, on a machine that may be busy)."""
_REPORT_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Work:
    """`python -m MODULE ARGUMENTS`, whose state is told in files beside `place` (a path without ending)."""

    place: Path
    module: str
    arguments: tuple[str, ...]

    @property
    def lock_path(self) -> Path:
        """Held while the work is being done."""
        return self.place.with_name(f"{self.place.name}.lock")

    def ask(self) -> None:
        """Have it done by a process of its own; `state` tells how it goes on. At most once at a time."""
        if self.state()["state"] == "working":
            return
        self.tell(state="working", message="Starting")
        process = subprocess.Popen(
            [sys.executable, "-m", self.module, *self.arguments],
            cwd=workspace.CHECKOUT,
            env=os.environ | {workspace.VARIABLE: str(workspace.home())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        threading.Thread(target=process.wait, daemon=True).start()  # so that no zombie stays behind

    def state(self) -> dict[str, Any]:
        """How far it is: state ("none", "working", "failed" or "ready"), done, total, message."""
        try:
            said: dict[str, Any] = workspace.read_json(self._state_file)
        except NotFoundError:
            return _state("none")
        old = time.time() - self._state_file.stat().st_mtime > STARTING_SECONDS
        if said["state"] == "working" and old and not workspace.is_locked(self.lock_path):
            return _state("failed", message="The work ended without a result. Ask again.")
        return said

    def tell(self, *, state: str, done: int = 0, total: int = 0, message: str = "") -> None:
        """Say how far it is, or why there will be no result."""
        workspace.write_json(self._state_file, _state(state, done=done, total=total, message=message))

    @contextlib.contextmanager
    def doing(self) -> Iterator[Progress]:
        """Hold the work while it is done here; gives a progress report that tells others how far it is.

        An error ends in state "failed" with its sentence, and is raised on.
        """
        last = 0.0

        def report(done: int, total: int, message: str) -> None:
            nonlocal last
            if time.monotonic() - last >= _REPORT_SECONDS:
                last = time.monotonic()
                self.tell(state="working", done=done, total=total, message=message)

        with workspace.lock(self.lock_path):
            self.tell(state="working", message="Starting")
            try:
                yield report
            except BaseException as error:
                said = str(error) if isinstance(error, FieldguideError) else f"A fault ended it: {error!r}."
                self.tell(state="failed", message=said)
                raise
            self.tell(state="ready")

    @property
    def _state_file(self) -> Path:
        return self.place.with_name(f"{self.place.name}-state.json")


def _state(state: str, *, done: int = 0, total: int = 0, message: str = "") -> dict[str, Any]:
    return {"state": state, "done": done, "total": total, "message": message}
