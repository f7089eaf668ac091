"""What the report tells of a run beside its figures; nothing that names this machine or its folders."""

import re
from typing import Any

from core import runs
from core.errors import MetricsError
from core.metrics import decisions, store
from core.metrics import frequencies as natural
from core.training import naming, notes
from core.words import moment

_ASIDE = frozenset({"classes", "ticket", "note", "tags", "home", "asked", "chosen"})

# The folders of an absolute path, spaces included: "/home/a user/x.pth", "C:\\data\\x.pth"; no web address.
_FOLDERS = re.compile(
    r"(?<!\S)(?:\.\.?/)+(?:[^/\s]+/)*|(?<![^\s'\"(=])/(?=\S)(?:[^/\n]+/)+|\b[A-Za-z]:\\(?:[^\\\n]+\\)*"
)


def name(run: runs.Run) -> str:
    """What the person called the run, or how and when it was made."""
    return notes.title(run)


def dataset(run: runs.Run) -> str:
    """What the run's dataset is called today; where it is gone, what it was called then."""
    return run.dataset() or run.config().get("dataset") or "unknown"


def origin(run: runs.Run, figures: dict[str, Any]) -> str:
    """Dataset, split, size and id in one line."""
    config = run.config()
    return (
        f"Dataset {dataset(run)}, split {config.get('split', 'unknown')}, "
        f"{figures['n_images']:,} validation images of {len(figures['classes'])} classes, run {run.id}"
    )


def counts(figures: dict[str, Any]) -> dict[str, int]:
    """Images of each class."""
    return {label: one["support"] for label, one in figures["per_class"].items()}


def settings(run: runs.Run) -> dict[str, str]:
    """The run's configuration and record, paths cut to their last part."""
    found = {
        key: plain(value)
        for key, value in run.config().items()
        if key not in _ASIDE and value is not None and value != ""
    }
    for key, value in run.config().get("chosen", {}).items():
        found[f"{key}, as chosen"] = plain(value)
    status = run.status()
    for key in ("best_epoch", "seconds", "weights"):
        if status.get(key) is not None:
            found[f"{key} (as it went)" if key in found else key] = plain(status[key])
    return found


def settings_in_words(run: runs.Run) -> dict[str, str]:
    """The settings that had an effect and what came of them, named and written as on the pages."""
    config, status = run.config(), run.status()
    found = {name: plain(value) for name, value in naming.given(config | {"dataset": dataset(run)})}
    if origin := (status.get("weights") or {}).get("origin"):
        found["Weights"] = plain(origin)
    if config.get("start_from"):
        found[naming.title("start_from")] = plain(config["start_from"])
    if config.get("mode") != "quick" and status.get("best_epoch"):
        found["Best epoch"] = f"{status['best_epoch']}"
    if status.get("seconds") is not None:
        found["Seconds taken"] = f"{status['seconds']:.0f}"
    environment = config.get("chosen", {}).get("environment") or {}
    found |= {naming.title(key): plain(value) for key, value in environment.items() if value}
    return found | {"Made": moment(config["created"])}


def plain(value: Any) -> str:
    """A setting as text, without folders: a path keeps only its file name."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(one)}" for key, one in value.items() if one not in (None, "", {}))
    if isinstance(value, list | tuple):
        return ", ".join(plain(one) for one in value)
    return _FOLDERS.sub("", str(value))


def frequencies(run: runs.Run, *, most: int = 6) -> list[str]:
    """A natural-frequency sentence for each class, the rarest first."""
    predictions, rule = run.predictions("validation"), decisions.load(run)
    groups = store.groups_of(run, predictions.paths)
    total = len(predictions.true)
    sizes = {label: int((predictions.true == k).sum()) for k, label in enumerate(predictions.classes)}
    lines = []
    for label in sorted(sizes, key=lambda one: sizes[one])[:most]:
        try:
            found = natural.of_class(predictions, rule, label, prevalence=sizes[label] / total, groups=groups)
        except MetricsError:
            continue  # a class without images has no rate
        lines.append(found.sentence())
    return lines
