"""The run before this one, on the same images: is this one really better?

Both answer with the most probable class, so that what is compared is the models and not their rules. The
result is kept with the run; it is paired, image by image, and cheap.
"""

import contextlib
from typing import Any

from core import runs, workspace
from core.errors import FieldguideError, WorkspaceError
from core.metrics import adviser, comparison, scores, verdict
from core.training import notes

FILE = "metrics-previous.json"
VERSION = 2
_ASIDE = ("flipped", "configuration", "subset")


def find(run: runs.Run) -> runs.Run | None:
    """The newest older run of the same dataset and split that has predictions; None where there is none."""
    config = run.config()
    for other in runs.all_runs():  # newest first
        theirs = other.config()
        older = (theirs["created"], other.id) < (config["created"], run.id)
        if older and _alike(theirs, config) and (other.folder / "predictions.parquet").exists():
            return other
    return None


def _alike(theirs: dict[str, Any], ours: dict[str, Any]) -> bool:
    """Whether both learned one split of one dataset, which may have been renamed between them."""
    name = "dataset_id" if theirs.get("dataset_id") and ours.get("dataset_id") else "dataset"
    return all(theirs.get(one) == ours.get(one) for one in (name, "split"))


def compared(run: runs.Run, metric: str = "accuracy") -> dict[str, Any] | None:
    """This run against the one before it on the validation images that both judged.

    run, name (of the other), runs, metric, values, difference, interval, p_value, n_common, n_only, tone
    and text. A metric that does not follow from the confusion matrix gives way to accuracy. None where there
    is no run before it, or no image that both judged.
    """
    metric = metric if metric in scores.OF_TALLY else "accuracy"
    other = find(run)
    found = None if other is None else _kept(other, run, metric)
    if other is None or found is None:
        return None
    name = other.config().get("name") or other.id
    said = verdict.against_other(found, f"the previous run ({notes.title(other)})")
    by = "" if metric == "accuracy" else f" By {adviser.title(metric)}."
    return found | {"run": other.id, "name": name, "tone": said.tone, "text": said.text + by}


def sentence(found: dict[str, Any] | None) -> list[verdict.Sentence]:
    """What `compared` found, as a sentence for the verdict."""
    return [] if found is None else [verdict.Sentence(tone=found["tone"], text=found["text"])]


def _kept(other: runs.Run, run: runs.Run, metric: str) -> dict[str, Any] | None:
    key = [VERSION, other.id, *_written(other), *_written(run)]
    try:
        kept = workspace.read_json(run.folder / FILE)
    except WorkspaceError:
        kept = {}
    by: dict[str, Any] = kept["by"] if isinstance(kept, dict) and kept.get("key") == key else {}
    if metric not in by:
        by[metric] = _compare(other, run, metric)
        with contextlib.suppress(WorkspaceError):  # a workspace that may only be read
            workspace.write_json(run.folder / FILE, {"key": key, "by": by})
    return by[metric]


def _compare(other: runs.Run, run: runs.Run, metric: str) -> dict[str, Any] | None:
    try:
        found = comparison.compare(other, run, metric=metric)
    except FieldguideError:
        return None  # no image in common, or one of the two is damaged
    return {name: value for name, value in found.items() if name not in _ASIDE}


def _written(run: runs.Run) -> list[int]:
    stat = (run.folder / "predictions.parquet").stat()
    return [stat.st_size, stat.st_mtime_ns]
