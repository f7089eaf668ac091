"""How long a new run would wait for its turn, told without torch."""

from core import runs
from core.errors import FieldguideError
from core.training import tickets


def seconds(device: str) -> float:
    """What the runs that are at work or waiting for `device` still need, as far as they know."""
    total = 0.0
    for run_id in tickets.waiting(device):
        try:
            run = runs.load(run_id)
            status = run.status()
            known = status.get("seconds_left")
            if known is None:
                known = run.config().get("expected_seconds")
        except FieldguideError:  # deleted meanwhile
            continue
        total += float(known or 0.0)
    return total


def busy(device: str) -> bool:
    """Whether a run is at work on `device`, or about to be."""
    return bool(tickets.waiting(device))
