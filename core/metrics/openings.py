"""The sealed test subset: every look at its result is written down, and counted beside the figure."""

import datetime
from typing import Any

from core import runs, workspace
from core.metrics import decisions

FILE = "test_looks.jsonl"


def record(run: runs.Run, *, via: str) -> int:
    """Write down that the test result is being opened now, under the rule in force; return the new count.

    `via` says where: "page", "command line", "report".

    Raises:
        TrainingError: the run has no test predictions, so that there is nothing to open.
    """
    run.predictions("test")
    entry = {
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "via": via,
        "rule": decisions.load(run).to_dict(),
        "words": decisions.load(run).describe(),
    }
    workspace.append_line(run.folder / FILE, entry)
    return count(run)


def history(run: runs.Run) -> list[dict[str, Any]]:
    """Every opening, oldest first: when, via, rule, words."""
    return workspace.read_lines(run.folder / FILE)


def count(run: runs.Run) -> int:
    """How often the test result has been opened."""
    return len(history(run))
