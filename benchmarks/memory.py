"""How much memory other processes held at most, read off /proc while they live (Linux; elsewhere 0).

Not getrusage's figure: a child's begins with what its parent held when it was started. A process's own peak
is `core.memory.peak_bytes`.
"""

import contextlib
import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

SAMPLE_SECONDS = 0.1
_FIELDS = {"VmHWM": "all", "RssAnon": "own"}


@dataclasses.dataclass
class Peak:
    """Of the largest process, in MiB: `own` without the pages of files that lie in memory because there is
    room, sampled; `all` with them, as the system counts it.
    """

    own: float = 0.0
    all: float = 0.0

    def take(self, pid: int) -> None:
        """Look at a process now."""
        for name, value in held(pid).items():
            setattr(self, name, max(getattr(self, name), value))


def held(pid: int) -> dict[str, float]:
    """MiB of a process: `all`, the most so far; `own`, without pages of files, now. Empty: it is gone."""
    found = {}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            field, _, value = line.partition(":")
            if field in _FIELDS:
                found[_FIELDS[field]] = int(value.split()[0]) / 1024
    return found


def descendants(pid: int) -> list[int]:
    """The processes that `pid` started, and those that they started."""
    parents: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # gone meanwhile
            # The name, in brackets, may hold anything; behind it come state and parent.
            parents[int(place.parent.name)] = int(place.read_text().rpartition(")")[2].split()[1])
    found, new = [], [pid]
    while new := [child for child, parent in parents.items() if parent in new]:
        found += new
    return found


@contextlib.contextmanager
def watched(pid: int) -> Iterator[Peak]:
    """The peak of the largest descendant of `pid` within the block."""
    peak, over = Peak(), threading.Event()

    def look() -> None:
        while not over.wait(SAMPLE_SECONDS):
            for child in descendants(pid):
                peak.take(child)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()
