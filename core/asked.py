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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import workspace
from core.errors import FieldguideError, NotFoundError
from core.progress import Progress

STARTING_SECONDS = 60.0
"""How long a process may take to begin (it loads torch first, on a machine that may be busy)."""
_REPORT_SECONDS = 0.4


def sentence(error: BaseException) -> str:
    """What a person should read about the error that ended a process."""
    return str(error) if isinstance(error, FieldguideError) else f"A fault ended it: {error!r}."


def spawn(module: str, *arguments: str, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start `python -m MODULE ARGUMENTS` in a session of its own: it outlives this process and its terminal.

    What it prints goes to the end of `log`, or nowhere.
    """
    with open(log or os.devnull, "ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=workspace.CHECKOUT,
            env=os.environ | {workspace.VARIABLE: str(workspace.home())},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    threading.Thread(target=process.wait, daemon=True).start()  # so that no zombie stays behind
    return process


@dataclass(frozen=True, kw_only=True)
class Work:
    """`python -m MODULE ARGUMENTS`, whose state is told in files beside `place` (a path without ending)."""

    place: Path
    module: str
    arguments: tuple[str, ...]
    noun: str = "work"

    @property
    def lock_path(self) -> Path:
        """Held while the work is being done."""
        return self.place.with_name(f"{self.place.name}.lock")

    def ask(self) -> None:
        """Have it done by a process of its own; `state` tells how it goes on. At most once at a time."""
        if self.state()["state"] != "working":
            self.tell(state="working", message="Starting")
            spawn(self.module, *self.arguments)

    def state(self) -> dict[str, Any]:
        """How far it is: state ("none", "working", "failed" or "ready"), done, total, message."""
        try:
            said: dict[str, Any] = workspace.read_json(self._state_file)
        except NotFoundError:
            return _state("none")
        old = time.time() - self._state_file.stat().st_mtime > STARTING_SECONDS
        if said["state"] == "working" and old and not workspace.is_locked(self.lock_path):
            return _state("failed", message=f"The {self.noun} ended without a result. Ask again.")
        return said

    def tell(self, *, state: str, done: int = 0, total: int = 0, message: str = "") -> None:
        """Say how far it is, or why there will be no result."""
        workspace.write_json(self._state_file, _state(state, done=done, total=total, message=message))

    @contextlib.contextmanager
    def doing(self, explain: Callable[[BaseException], str] = sentence) -> Iterator[Progress]:
        """Hold the work while it is done here; gives a progress report that tells others how far it is.

        An error ends in state "failed" with what `explain` says of it, and is raised on.
        """
        last, said = 0.0, ""

        def report(done: int, total: int, message: str) -> None:
            nonlocal last, said
            if message != said or time.monotonic() - last >= _REPORT_SECONDS:
                last, said = time.monotonic(), message
                self.tell(state="working", done=done, total=total, message=message)

        with workspace.lock(self.lock_path):
            self.tell(state="working", message="Starting")
            try:
                yield report
            except BaseException as error:
                self.tell(state="failed", message=explain(error))
                raise
            self.tell(state="ready")

    @property
    def _state_file(self) -> Path:
        return self.place.with_name(f"{self.place.name}-state.json")


def _state(state: str, *, done: int = 0, total: int = 0, message: str = "") -> dict[str, Any]:
    return {"state": state, "done": done, "total": total, "message": message}
