"""The figures of a run, kept with it: computed once at the end of training, then read.

`metrics.json` holds the validation figures with all their intervals; `metrics-test.json` the test figures,
written at their first opening. A file counts only while its key fits: predictions, rule and version.
"""

import hashlib
import json
from typing import Any

from core import runs, workspace
from core.errors import NotFoundError, TrainingError, WorkspaceError
from core.metrics import decisions, openings, summary

VERSION = 4


def precompute(run: runs.Run) -> dict[str, Any]:
    """Compute and keep the validation figures; the worker calls this when training ends.

    Raises:
        TrainingError: the run has no validation predictions.
        MetricsError: they cannot be scored.
    """
    return figures(run, "validation")


def figures(run: runs.Run, subset: str = "validation") -> dict[str, Any]:
    """What `summary.summarise` says of `subset`, plus "run"; read where it is kept, else computed and kept.

    For "test" use `open_test`, which writes the opening down; this function only computes.

    Raises:
        TrainingError: the run has no predictions for the subset.
        MetricsError: they cannot be scored.
    """
    path, key = run.folder / _file(subset), _key(run)
    kept = _read(path)
    if kept is not None and kept.get("key") == key:
        return kept["figures"]
    found = {"run": run.id} | _compute(run, subset)
    workspace.write_json(path, {"key": key, "figures": found})
    return found


def open_test(run: runs.Run, *, via: str) -> dict[str, Any]:
    """The test figures, with "openings": how often they have been opened, this time included."""
    times = openings.record(run, via=via)
    return figures(run, "test") | {"openings": times}


def groups_of(run: runs.Run, paths: list[str]) -> list[object] | None:
    """The group of each path by the run's manifest; None where the manifest knows no groups."""
    manifest = run.manifest()
    if "group" not in manifest or manifest["group"].isna().all():
        return None
    return manifest.set_index("path")["group"].reindex(paths).tolist()


def validation_of(run: runs.Run) -> runs.Predictions | None:
    """The run's validation predictions, or None where its split left that subset empty."""
    try:
        return run.predictions("validation")
    except TrainingError:
        return None


def _compute(run: runs.Run, subset: str) -> dict[str, Any]:
    predictions = run.predictions(subset)
    validation = predictions if subset == "validation" else validation_of(run)
    groups = groups_of(run, predictions.paths)
    rule = decisions.load(run)
    return summary.summarise(predictions, validation=validation, decision=rule, groups=groups)


def _file(subset: str) -> str:
    return "metrics.json" if subset == "validation" else f"metrics-{subset}.json"


def _key(run: runs.Run) -> list[Any]:
    """What the figures follow from: a new prediction file or another rule makes them stale."""
    path = run.folder / "predictions.parquet"
    stat = path.stat() if path.exists() else None
    rule = json.dumps(decisions.load(run).to_dict(), sort_keys=True)
    written = [stat.st_size, stat.st_mtime_ns] if stat else []
    return [VERSION, *written, hashlib.sha256(rule.encode()).hexdigest()[:16]]


def _read(path: Any) -> dict[str, Any] | None:
    try:
        kept = workspace.read_json(path)
    except (NotFoundError, WorkspaceError):
        return None  # absent or damaged: it is computed again
    return kept if isinstance(kept, dict) else None
