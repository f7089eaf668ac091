"""How a run's state appears: a word, a colour and an icon."""

from __future__ import annotations

from dataclasses import dataclass


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


def badge(state: str) -> str:
    """The state as a badge in Markdown."""
    look = LOOKS[state]
    return f":{look.color}-badge[{look.icon} {look.word}]"
