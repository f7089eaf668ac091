"""The figures of a run, kept with it: computed once at the end of training, then read.

What no decision rule changes (scores, areas, their intervals) is kept apart from what follows from the rule,
so that choosing another rule computes only the second:

    metrics.json, metrics-rule.json              of the validation images
    metrics-test.json, metrics-test-rule.json    of the test images, written at their first opening
    evaluations/NAME/metrics.json, …-rule.json   of the images of another dataset

A file counts only while its key fits: predictions, version and, for the second, the rule.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import runs, workspace
from core.errors import TrainingError, WorkspaceError
from core.metrics import decisions, evaluations, openings, ruled, scored

VERSION = 5


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
    judged = functools.cache(lambda: evaluations.predictions(run, subset))
    groups = functools.cache(lambda: groups_of(run, judged().paths, subset))
    rule = decisions.load(run)

    def as_scored() -> dict[str, Any]:
        validation = judged() if subset == "validation" else validation_of(run)
        return scored.as_scored(judged(), validation=validation, groups=groups())

    def under_rule() -> dict[str, Any]:
        return ruled.figures(judged(), rule, groups=groups())

    key = [VERSION, *_written(run, subset)]
    whole = _kept(_file(run, subset), key, as_scored)
    by_rule = _kept(_file(run, subset, "-rule"), [*key, rule.key], under_rule)
    return {"run": run.id} | ruled.joined(whole, by_rule)


def open_test(run: runs.Run, *, via: str) -> dict[str, Any]:
    """The test figures, with "openings": how often they have been opened, this time included.

    "openings_in_words" says how many of them were under the rule in force. Nothing is written down where the
    figures cannot be computed.
    """
    found = figures(run, "test")
    times = openings.record(run, via=via)
    return found | {"openings": times, "openings_in_words": openings.said(run)}


def groups_of(run: runs.Run, paths: list[str], subset: str = "validation") -> list[object] | None:
    """The group of each path by the run's manifest (or the evaluation); None where no groups are known."""
    name = evaluations.name_of(subset)
    table = evaluations.table(run, name) if name else run.manifest()
    if "group" not in table or table["group"].isna().all():
        return None
    return table.set_index("path")["group"].reindex(paths).tolist()


def validation_of(run: runs.Run) -> runs.Predictions | None:
    """The run's validation predictions, or None where its split left that subset empty."""
    try:
        return run.predictions("validation")
    except TrainingError:
        return None


def _file(run: runs.Run, subset: str, part: str = "") -> Path:
    if name := evaluations.name_of(subset):
        return evaluations.aside(run, name) / f"metrics{part}.json"
    return run.folder / ("metrics" + ("" if subset == "validation" else f"-{subset}") + f"{part}.json")


def _written(run: runs.Run, subset: str) -> list[int]:
    """Size and time of the files that the figures follow from: new predictions make them stale."""
    files = [run.folder / "predictions.parquet"]
    if name := evaluations.name_of(subset):
        files.append(evaluations.file(run, name))
    stats = [file.stat() for file in files if file.exists()]
    return [value for stat in stats for value in (stat.st_size, stat.st_mtime_ns)]


def _kept(path: Path, key: list[Any], compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `path` keeps under `key`; computed and kept where it is absent, stale or damaged."""
    try:
        kept = workspace.read_json(path)
    except WorkspaceError:
        kept = None
    if isinstance(kept, dict) and kept.get("key") == key:
        return kept["figures"]
    found = compute()
    workspace.write_json(path, {"key": key, "figures": found})
    return found
