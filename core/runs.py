"""A run's folder: what one finetuning was given, what it is doing and what came of it.

    config.json          the configuration, as launched
    manifest.parquet     path, file, label, class_index, subset, group, sha256: one row per image
    status.json          written by the worker while it goes on
    history.jsonl        one line per epoch
    checkpoint.pt        the last whole epoch: weights, optimizer, schedule, random state
    model.safetensors    the best epoch's weights; model.json says how to use them
    predictions.parquet  path, subset, true, logits: validation and test images, from the best epoch
    worker.lock          held by the worker for as long as it lives

The state of a run is derived from these files, so every browser and every command sees the same one.
"""

import dataclasses
import datetime
import secrets
import shutil
import time
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from core import workspace
from core.errors import NotFoundError, TrainingError, WorkspaceError

State = Literal["prepared", "queued", "running", "paused", "finished", "failed", "cancelled", "interrupted"]
STATES: tuple[str, ...] = get_args(State)
FINAL: frozenset[str] = frozenset({"prepared", "paused", "finished", "failed", "cancelled"})
"""States that need no worker; without a living one any other is 'interrupted'."""
UNDER_WAY: frozenset[str] = frozenset({"prepared", "queued", "running", "paused", "interrupted"})
"""States of a run that is still to come to its end."""
STARTING_SECONDS = 30
"""How long a freshly queued run may take to start its worker before it counts as interrupted."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Predictions:
    """What a run's best epoch answered for the images of one subset.

    classes: the labels, by class index.
    paths:   (n_images,) as in the manifest.
    true:    (n_images,) int64, class indices.
    logits:  (n_images, n_classes) float64, scores before softmax.
    """

    classes: list[str]
    paths: list[str]
    true: np.ndarray
    logits: np.ndarray
    subset: str


@dataclasses.dataclass(frozen=True)
class Run:
    """One finetuning, as it lies in the workspace."""

    id: str
    folder: Path

    @property
    def lock_path(self) -> Path:
        return self.folder / "worker.lock"

    def config(self) -> dict[str, Any]:
        """The configuration that the run was launched with."""
        return workspace.read_json(self.folder / "config.json")

    @property
    def created(self) -> str:
        """When the run was made: ISO 8601, UTC."""
        return self.config()["created"]

    def dataset(self) -> str | None:
        """The name that its dataset bears today; None if that was deleted."""
        from core.data import identity

        found = identity.find(self.config())
        return found.name if found else None

    def manifest(self) -> pd.DataFrame:
        """One row per image: path, file, label, class_index, subset, group, sha256.

        `file` is where the image lies today, though its dataset was renamed or relinked since.
        """
        from core.data import whereabouts

        table = workspace.read_table(self.folder / "manifest.parquet")
        return whereabouts.today(table, self.config())

    def classes(self) -> list[str]:
        """The labels, by class index."""
        return self.config()["classes"]

    def status(self) -> dict[str, Any]:
        """What the worker last wrote, with `state` as it really is."""
        written = self._written()
        return written | {"state": self._derive(written["state"])}

    def state(self) -> State:
        """Where the run stands, judged by its worker's lock as much as by its words."""
        return self.status()["state"]

    def _derive(self, written: str) -> str:
        if written in FINAL or workspace.is_locked(self.lock_path):
            return written
        # The worker may have ended between the reading and the look at its lock.
        again = self._written()["state"]
        if again in FINAL:
            return again
        path = self.folder / "status.json"
        since = path if path.exists() else self.folder
        starting = again == "queued" and time.time() - since.stat().st_mtime < STARTING_SECONDS
        return "queued" if starting else "interrupted"

    def _written(self) -> dict[str, Any]:
        """status.json; of a damaged one only that the run was begun, so that its lock alone decides."""
        try:
            return workspace.read_json(self.folder / "status.json")
        except NotFoundError:
            return {"state": "queued"}
        except WorkspaceError as error:
            return {"state": "running", "error": str(error)}

    def seen(self) -> list[str]:
        """The pages on which a person has looked at what came of the run."""
        try:
            return list(workspace.read_json(self.folder / "seen.json"))
        except WorkspaceError:
            return []

    def mark_seen(self, page: str) -> None:
        """Remember that a person has looked at the run on `page`."""
        if page not in (known := self.seen()):
            workspace.write_json(self.folder / "seen.json", [*known, page])

    def history(self) -> list[dict[str, Any]]:
        """One entry per whole epoch, oldest first."""
        return workspace.read_lines(self.folder / "history.jsonl")

    def model_card(self) -> dict[str, Any]:
        """How to use the best epoch's weights: backbone, classes, image_size, transform, weights, epoch.

        Raises:
            TrainingError: the run has no model yet.
        """
        path = self.folder / "model.json"
        if not path.exists():
            raise TrainingError(f"Run {self.id} has no model yet: it is {self.state()}. Let it finish first.")
        return workspace.read_json(path)

    def predictions(self, subset: str) -> Predictions:
        """The stored logits of `subset` ("validation" or "test").

        Raises:
            TrainingError: the run has none, because it has not finished, or the subset is empty.
        """
        path = self.folder / "predictions.parquet"
        if not path.exists():
            raise TrainingError(f"Run {self.id} ({self.state()}) has no predictions. Let it finish first.")
        table = workspace.read_table(path)
        rows = table[table["subset"] == subset]
        if rows.empty:
            raise TrainingError(f"Run {self.id} has no {subset} images: its split left that subset empty.")
        return Predictions(
            classes=self.classes(),
            paths=rows["path"].tolist(),
            true=rows["true"].to_numpy(np.int64),
            logits=np.stack(rows["logits"].to_list()).astype(np.float64),  # (n_images, n_classes)
            subset=subset,
        )


def create(config: dict[str, Any], manifest: pd.DataFrame, *, name: str | None = None) -> Run:
    """Make a run's folder, with its configuration and manifest; nothing is started.

    `config` gains `created`, `classes` and, if given, `name`.

    Raises:
        WorkspaceError: the folder cannot be written.
    """
    now = datetime.datetime.now(datetime.UTC)
    run_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    run = Run(run_id, workspace.folder("runs", run_id))
    classes = manifest.drop_duplicates("class_index").sort_values("class_index")["label"].tolist()
    workspace.write_table(run.folder / "manifest.parquet", manifest)
    created = now.isoformat(timespec="microseconds")  # finer than the id: runs of one second keep their order
    record = dict(config) | {"created": created, "classes": classes, "name": name}
    workspace.write_json(run.folder / "config.json", record)
    return run


def load(run_id: str) -> Run:
    """The run of that id.

    Raises:
        NotFoundError: there is none.
    """
    folder = workspace.run_folder(run_id)
    if not (folder / "config.json").exists():
        known = [run.id for run in all_runs()][:3]
        hint = f" The newest are {', '.join(known)}." if known else " There are no runs yet."
        raise NotFoundError(f"There is no run {run_id!r}.{hint}")
    return Run(run_id, folder)


def all_runs() -> list[Run]:
    """Every run of the workspace, newest first; those whose folder is damaged are in `damaged`."""
    found = [(run.created, run.id, run) for run in _folders() if _is_readable(run)]
    return [run for _, _, run in sorted(found, key=lambda entry: entry[:2], reverse=True)]


def damaged() -> list[Run]:
    """The runs whose configuration cannot be read any more: they can only be deleted."""
    return [run for run in _folders() if not _is_readable(run)]


def _folders() -> list[Run]:
    parent = workspace.home() / "runs"
    if not parent.is_dir():
        return []
    return [Run(path.name, path) for path in sorted(parent.iterdir()) if (path / "config.json").exists()]


def _is_readable(run: Run) -> bool:
    try:
        return {"created", "classes"} <= run.config().keys()
    except (WorkspaceError, AttributeError):
        return False


def delete(run_id: str) -> None:
    """Remove a run with all that it holds.

    Raises:
        TrainingError: its worker is still alive, or another run still has to start from it.
    """
    run = load(run_id)
    if workspace.is_locked(run.lock_path):
        raise TrainingError(f"Run {run_id} is {run.state()}. Cancel it before you delete it.")
    for other in all_runs():
        if other.config().get("start_from") == run_id and (state := other.state()) in UNDER_WAY:
            raise TrainingError(
                f"Run {other.id} starts from run {run_id}, and is {state}. Let it finish or cancel it before "
                f"you delete {run_id}."
            )
    shutil.rmtree(run.folder)
