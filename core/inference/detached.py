"""A folder on the server, answered by a process of its own: asked for, followed and taken up again.

    cache/answers/<key>/asked.json    run, source, mirrored, created
                        state.json    state, done, total, message: written by the process
                        process.lock  held by the process for as long as it lives
                        *.parquet     the answers (core.inference.answered)

The process goes on when the browser is closed, and takes up again where it was stopped. Nothing here
imports torch.
"""

import datetime
import hashlib
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import asked, paths, runs, workspace
from core.errors import InferenceError, NotFoundError

ALIVE = ("starting", "waiting", "working")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One folder put to one run's model as it is now."""

    run_id: str
    source: Path
    mirrored: bool
    folder: Path
    created: str

    @property
    def lock_path(self) -> Path:
        return self.folder / "process.lock"

    @property
    def stop_path(self) -> Path:
        return self.folder / "stop"


def ask(run: runs.Run, source: Path, *, mirrored: bool = False) -> Batch:
    """Have every image below `source` answered; what was answered before is kept.

    Raises:
        InferenceError: there is no such folder, or the run has no model.
    """
    source = paths.expanded(source)
    if not paths.exists(source):
        raise InferenceError(f"There is no {source} on the server. Check the path.")
    batch = _described(run, source.resolve(), mirrored)
    if not workspace.is_locked(batch.lock_path):
        batch.stop_path.unlink(missing_ok=True)
        tell(batch, "starting", message="Starting")
        asked.spawn("core.inference.detached_worker", str(batch.folder), log=batch.folder / "process.log")
    return batch


def known(run: runs.Run) -> list[Batch]:
    """The folders that the run's model, as it is now, was asked about, newest first."""
    found = []
    for path in workspace.cache_folder("answers").glob("*/asked.json"):
        batch = load(path.parent)
        if batch.run_id == run.id and path.parent == _folder(run, batch.source, batch.mirrored):
            found.append(batch)
    return sorted(found, key=lambda batch: batch.created, reverse=True)


def state(batch: Batch) -> dict[str, Any]:
    """How it stands: {"state", "done", "total", "message"}; done and total count images.

    "starting", "waiting" (for another folder), "working", "ready", "stopped" (asked to), "failed" (message
    says why) or "interrupted" (its process was killed).
    """
    nothing = {"state": "interrupted", "done": 0, "total": 0, "message": ""}
    path = batch.folder / "state.json"
    try:
        said: dict[str, Any] = nothing | workspace.read_json(path)
        age = time.time() - path.stat().st_mtime
    except (NotFoundError, FileNotFoundError):
        return nothing
    if said["state"] in ALIVE and not workspace.is_locked(batch.lock_path):
        still = said["state"] == "starting" and age < asked.STARTING_SECONDS
        again = said if still else nothing | workspace.read_json(path)  # it may just have ended
        return again | {"state": "interrupted"} if again["state"] in ALIVE and not still else again
    return said


def stop(batch: Batch) -> None:
    """Ask the process to stop; what is answered stays."""
    workspace.write_bytes(batch.stop_path, b"")


def forget(batch: Batch) -> None:
    """Remove the answers; the images are not touched.

    Raises:
        InferenceError: the process is still at work.
    """
    if workspace.is_locked(batch.lock_path):
        raise InferenceError("The folder is still being answered. Stop that first.")
    shutil.rmtree(batch.folder, ignore_errors=True)


def tell(batch: Batch, state: str, *, done: int = 0, total: int = 0, message: str = "") -> None:
    """Say how far it is; for the process."""
    said = {"state": state, "done": done, "total": total, "message": message}
    workspace.write_json(batch.folder / "state.json", said)


def load(folder: Path) -> Batch:
    """What was asked for in a folder.

    Raises:
        NotFoundError: nothing was.
    """
    wish = workspace.read_json(folder / "asked.json")
    return Batch(
        run_id=wish["run"],
        source=Path(wish["source"]),
        mirrored=wish["mirrored"],
        folder=folder,
        created=wish["created"],
    )


def _described(run: runs.Run, source: Path, mirrored: bool) -> Batch:
    folder = _folder(run, source, mirrored)
    wish = {"run": run.id, "source": str(source), "mirrored": mirrored}
    created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    if not (folder / "asked.json").exists():
        workspace.write_json(folder / "asked.json", wish | {"created": created})
    return load(folder)


def _folder(run: runs.Run, source: Path, mirrored: bool) -> Path:
    """Other weights, another folder: answers of two models are never mixed."""
    try:
        stat = (run.folder / "model.safetensors").stat()
    except FileNotFoundError:
        raise InferenceError(
            f"Run {run.id} has no model yet: it is {run.state()}. Let it finish, or choose another run."
        ) from None
    said = repr((run.id, stat.st_size, stat.st_mtime_ns, str(source), mirrored))
    return workspace.home() / "cache" / "answers" / hashlib.sha256(said.encode()).hexdigest()[:24]
