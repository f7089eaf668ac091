"""What a worker tells the world about its run: status.json about once a second, and what it was asked to
do.
"""

import datetime
import enum
import re
import time
from typing import Any

from core import progress as progresses
from core import runs, workspace
from core.errors import NotFoundError
from core.training import journal

EVERY_SECONDS = 0.8


class Asked(enum.IntEnum):
    """What a person asked of a running worker, through a file beside its run."""

    NOTHING = 0
    CANCEL = 1
    PAUSE = 2


class Stopped(Exception):
    """Not an error: the person asked the run to stop."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.name.lower())
        self.asked = asked


def asked(run: runs.Run) -> Asked:
    """What the run's request files ask for."""
    if (run.folder / "cancel").exists():
        return Asked.CANCEL
    return Asked.PAUSE if (run.folder / "pause").exists() else Asked.NOTHING


def forget_requests(run: runs.Run) -> None:
    """Remove the request files: the run goes on."""
    for name in ("cancel", "pause"):
        (run.folder / name).unlink(missing_ok=True)


class Status:
    """The run's status.json, kept in memory and written at most about once a second."""

    def __init__(self, run: runs.Run, progress: progresses.Progress = progresses.silent) -> None:
        self.run, self.progress = run, progress
        self.path = run.folder / "status.json"
        try:
            self.values: dict[str, Any] = workspace.read_json(self.path)
        except NotFoundError:
            self.values = {"state": "queued"}
        self._written, self._stage = 0.0, ""
        self._ends: float | None = None
        self._resumed_seconds = float(self.values.get("seconds") or 0.0)
        self._started = time.monotonic()

    def set(self, **values: Any) -> None:
        """Change some values and write them now."""
        self.values |= values | {"updated": now()}
        workspace.write_json(self.path, self.values)
        self._written = time.monotonic()

    def asked(self) -> Asked:
        """What a person asked of the run."""
        return asked(self.run)

    def log(self, sentence: str) -> None:
        """Write a line to the worker's log."""
        journal.write(self.run, sentence)

    def note(self, sentence: str) -> None:
        """Tell the person something that does not stop the run, once."""
        kept = self.values.get("notes") or []
        if sentence not in kept:
            self.log(sentence)
            self.set(notes=[*kept, sentence])

    def end_in(self, seconds: float | None) -> None:
        """From now on the time left is counted down from `seconds`; None: it is not known."""
        self._ends = None if seconds is None else time.monotonic() + seconds
        self.values["seconds_left"] = seconds

    def tick(self, done: int, total: int, message: str, **values: Any) -> None:
        """Tell how far it is; written when the last writing is long enough ago.

        A new stage (the message up to its first colon or comma) is logged.
        """
        self.values |= values | {"message": message, "done": done, "total": total}
        if self._ends is not None:
            self.values["seconds_left"] = round(max(self._ends - time.monotonic(), 0.0), 1)
        stage = re.split("[:,]", message)[0]
        if stage != self._stage:
            self._stage = stage
            self.log(f"{stage}.")
        self.progress(done, total, message)
        if time.monotonic() - self._written >= EVERY_SECONDS:
            self.set(seconds=self.seconds())

    def begin(self) -> None:
        """The run's turn has come: its clock starts."""
        self._started = time.monotonic()
        first = self.values.get("started") or now()
        self._ends = None
        self.log("The run goes on." if self.values.get("started") else "The run begins.")
        self.set(
            state="running",
            started=first,
            message="Starting",
            error=None,
            finished=None,
            queue_ahead=0,
            notes=[],
            memory=None,
            seconds_left=None,
        )

    def seconds(self) -> float:
        """Seconds worked on the run, earlier sittings included."""
        return round(self._resumed_seconds + time.monotonic() - self._started, 2)


def now() -> str:
    """The time, ISO 8601, UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def stoppable(status: Status) -> progresses.Progress:
    """A progress that writes to the run's status, and raises `Stopped` where the person asks for it."""

    def tell(done: int, total: int, message: str) -> None:
        status.tick(done, total, f"{message}: {done} of {total}" if total else message)
        if wish := status.asked():
            raise Stopped(wish)

    return tell


class Mute(Status):
    """The status of a process that writes nothing and hears no request: another one of the same run does."""

    def set(self, **values: Any) -> None:
        self.values |= values
        self._written = time.monotonic()

    def asked(self) -> Asked:
        return Asked.NOTHING

    def log(self, sentence: str) -> None:
        pass
