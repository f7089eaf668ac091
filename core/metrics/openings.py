"""The sealed test subset: every look at its result is written down, and counted beside the figure.

An opening holds for the decision rule under which it was made: another rule gives another result, and seeing
that one is another opening.
"""

import datetime
from typing import Any

from core import runs, workspace
from core.errors import MetricsError
from core.metrics import decisions

FILE = "test_looks.jsonl"


def entry(run: runs.Run, *, via: str) -> dict[str, Any]:
    """An opening now, under the rule in force, not yet written down.

    `via` says where: "page", "command line", "report".
    """
    rule = decisions.load(run)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return {"when": now, "via": via, "rule": rule.to_dict(), "words": rule.describe()}


def write(run: runs.Run, opening: dict[str, Any]) -> None:
    """Write an opening down, beside those before it."""
    workspace.append_line(run.folder / FILE, opening)


def record(run: runs.Run, *, via: str) -> int:
    """Write down that the test result is being opened now; return the new count.

    Call it when the result is about to be shown, not before it is known that it can be.

    Raises:
        TrainingError: the run has no test predictions, so that there is nothing to open.
    """
    run.predictions("test")
    write(run, entry(run, via=via))
    return count(run)


def history(run: runs.Run) -> list[dict[str, Any]]:
    """Every opening, oldest first: when, via, rule, words."""
    return workspace.read_lines(run.folder / FILE)


def count(run: runs.Run) -> int:
    """How often the test result has been opened, under whatever rule."""
    return len(history(run))


def under_rule(run: runs.Run) -> list[dict[str, Any]]:
    """The openings under the rule that is in force now, oldest first."""
    now = decisions.load(run).key
    return [opening for opening in history(run) if _key(opening) == now]


def said(run: runs.Run, *, more: int = 0) -> str:
    """How often the result has been opened, and how often under the rule in force, as a sentence.

    more: openings under this rule that will be written down when this text is shown.
    """
    total, same = count(run) + more, len(under_rule(run)) + more
    if not total:
        return "The test result has never been opened."
    text = f"The test result has been opened {times(total)}"
    if same == total:
        return f"{text}."
    return f"{text}, {times(same) if same else 'never'} under the decision rule in force."


def times(number: int) -> str:
    """1 -> "once", 2 -> "twice", 3 -> "3 times"."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _key(opening: dict[str, Any]) -> str | None:
    try:
        return decisions.Decision.from_dict(opening["rule"]).key
    except (MetricsError, KeyError):
        return None  # of a rule that is not known any more
