"""How a run is spoken of: its name, its state, times and durations."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from core import runs
from core.model import catalog
from core.training import notes


@dataclass(frozen=True)
class Look:
    """How a state appears: a word, a colour and an icon."""

    word: str
    color: str
    icon: str


LOOKS = {
    "prepared": Look("Prepared", "gray", ":material/draft:"),
    "queued": Look("Queued", "gray", ":material/schedule:"),
    "running": Look("Running", "blue", ":material/play_circle:"),
    "paused": Look("Paused", "orange", ":material/pause_circle:"),
    "finished": Look("Finished", "green", ":material/check_circle:"),
    "failed": Look("Failed", "red", ":material/error:"),
    "cancelled": Look("Cancelled", "gray", ":material/cancel:"),
    "interrupted": Look("Interrupted", "orange", ":material/power_off:"),
}
ALIVE = ("queued", "running")
"""States in which a worker waits or works, so that the page has something to watch."""

WEIGHTS = {"imagenet": "ImageNet weights", "starter": "starter weights", "none": "random weights"}


def badge(state: str) -> str:
    """The state as a badge in Markdown."""
    look = LOOKS[state]
    return f":{look.color}-badge[{look.icon} {look.word}]"


def title(run: runs.Run, config: dict[str, Any] | None = None) -> str:
    """What the person called the run, or else when it was made."""
    config = config or run.config()
    return notes.read(run, config).name or f"Run of {_when(config['created']):%-d %b, %H:%M}"


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
    return "—" if share is None else f"{share:.1%}".replace("%", " %")


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
