"""How a run is spoken of: its name, its model, times and sizes, names as plain text."""

from __future__ import annotations

import collections
import datetime
from collections.abc import Sequence
from typing import Any

from core import errors, runs
from core.model import catalog
from core.training import notes

WEIGHTS = {"imagenet": "ImageNet weights", "starter": "starter weights", "none": "random weights"}


def title(run: runs.Run, config: dict[str, Any] | None = None) -> str:
    """What the person called the run, or else how and when, to the second, it was made."""
    return notes.title(run, config)


def titles(found: Sequence[runs.Run]) -> dict[str, str]:
    """The title of each run by its id, told apart by the end of the id where two are called alike.

    For menus: Streamlit takes options that read alike for the same one.
    """
    plain_titles = {run.id: _title_or_id(run) for run in found}
    often = collections.Counter(plain_titles.values())
    return {
        run_id: f"{said} ({run_id[-4:]})" if often[said] > 1 else said
        for run_id, said in plain_titles.items()
    }


def _title_or_id(run: runs.Run) -> str:
    """What a run is called; its id where it was deleted a moment ago."""
    try:
        return title(run)
    except errors.NotFoundError:
        return run.id


def model(config: dict[str, Any], status: dict[str, Any] | None = None) -> str:
    """Backbone and the weights really used, as far as known: "ResNet-18, starter weights"."""
    return f"{backbone(config['backbone'])}, {weights((status or {}).get('weights'), config['weights'])}"


def backbone(name: str) -> str:
    """A backbone's title."""
    info = catalog.BACKBONES.get(name)
    return info.title if info else name


def weights(record: dict[str, Any] | None, asked: str = "auto") -> str:
    """Weights in two words, from the record of what was used or else from what was asked for."""
    kind = (record or {}).get("kind") or asked
    if kind == "file":
        return f"weights from {(record or {}).get('file')}"
    if kind == "auto":
        return "best weights at hand"
    return WEIGHTS.get(kind, f"weights from {kind}")


def duration(seconds: float | None) -> str:
    """A span of time in words that are no more exact than one can use: "1 min 20 s"."""
    if seconds is None:
        return "—"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    if whole < 3600:
        return f"{round(whole / 60)} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def ago(stamp: str | None) -> str:
    """How long ago an ISO 8601 moment was; from a day on, its date."""
    if not stamp:
        return ""
    when = _when(stamp)
    seconds = (datetime.datetime.now(datetime.UTC) - when).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h ago"
    return f"{when:%-d %b %Y}"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal, or a dash where there is none."""
    return "—" if share is None else f"{100 * share:.1f} %"


def lies_in_images(error: str) -> bool:
    """Whether a run failed for want of its images, so that the dataset has to be put right first."""
    return any(
        sign in error for sign in ("relink", "cannot be read any more", "has changed since it was added")
    )


def size(n_bytes: int) -> str:
    """Room on a disk: "44.8 MB"."""
    for unit, many in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= many:
            return f"{n_bytes / many:.1f} {unit}"
    return f"{n_bytes} bytes"


def fraction(status: dict[str, Any]) -> float:
    """How much is done of what the worker is doing now, from 0 to 1."""
    done, total = status.get("done") or 0, status.get("total") or 0
    return min(1.0, done / total) if total else 0.0


def some(names: list[str], most: int = 8) -> str:
    """Names in a row, the rest counted: "bird, cat and 3 more"."""
    shown = ", ".join(plain(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def plain(text: str) -> str:
    """Text from a file or a person, so that Markdown does not read it as Markdown."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+-.!|:$<>~" else char for char in text)


def _when(stamp: str) -> datetime.datetime:
    when = datetime.datetime.fromisoformat(stamp)
    return when if when.tzinfo else when.replace(tzinfo=datetime.UTC)
