"""The queue: numbered tickets, because file locks know no order.

Each launch takes the next number under the workspace's queue lock. A ticket counts while its holder lives,
that is while the run's lock is held; a run starts when no lower living ticket waits for its device.

    queue/next.json           the last number given
    queue/00000012.json       {"run": id, "device": "cpu"}

The device "cuda" is every GPU that this machine shows; a run waits for all that it would use.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import filelock

from core import runs, workspace
from core.errors import ConfigError, NotFoundError

POLL_SECONDS = 0.3


def device_key(device: str) -> str:
    """What a run's device setting means here, told without torch: `cpu`, `cuda`, `cuda:1`, `mps`."""
    if device != "auto":
        return device
    return "cuda" if gpus() else "cpu"


def claims(device: str) -> frozenset[str]:
    """The devices that a run takes for itself: two runs are in each other's way where these meet."""
    key = device_key(device)
    if key == "cuda":
        return frozenset(f"cuda:{number}" for number in range(max(gpus(), 1)))
    return frozenset({key})


def gpus() -> int:
    """How many of NVIDIA's GPUs this process may use, told without torch: those of the machine, or as many of
    them as `CUDA_VISIBLE_DEVICES` names.
    """
    there = len(list(Path("/dev").glob("nvidia[0-9]*")))
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is None:
        return there
    count = 0
    for name in named.split(","):
        if not name.strip() or name.strip().startswith("-"):
            break  # CUDA, too, stops at the first that is none
        count += 1
    return min(count, there)


def check_device(device: str) -> None:
    """Refuse a GPU, told without torch, where there surely is none: before anybody waits for it.

    Raises:
        ConfigError: this machine has none.
    """
    drivers = [path for kind in ("nvidia*", "kfd", "dxg") for path in Path("/dev").glob(kind)]
    if device.startswith("cuda") and sys.platform == "linux" and not drivers:
        raise ConfigError(f"This machine has no device {device!r}. Choose auto or cpu.")


@contextlib.contextmanager
def counter() -> Iterator[None]:
    """Hold the queue still: no other launch takes a number meanwhile."""
    with workspace.lock(workspace.folder("queue") / "counter.lock"):
        yield


def take(run: runs.Run, device: str) -> int:
    """Give `run` the next number; call it within `counter()`."""
    folder = workspace.folder("queue")
    give_back(run)
    number = _last(folder) + 1
    workspace.write_json(folder / "next.json", {"last": number})
    workspace.write_json(folder / f"{number:08d}.json", {"run": run.id, "device": device_key(device)})
    for path, entry in _entries():
        if entry["run"] != run.id and not _lives(entry):
            path.unlink(missing_ok=True)
    return number


def number(run: runs.Run) -> int | None:
    """The number of the ticket that `run` holds."""
    held = [int(path.stem) for path, entry in _entries() if entry["run"] == run.id]
    return max(held, default=None)


def give_back(run: runs.Run) -> None:
    """Drop every ticket that `run` holds."""
    for path, entry in _entries():
        if entry["run"] == run.id:
            path.unlink(missing_ok=True)


def ahead(run: runs.Run) -> list[str]:
    """The ids of living runs that come before `run` on its device, first one first."""
    before: list[str] = []
    entries = [entry for _, entry in _entries()]
    own = next((entry for entry in reversed(entries) if entry["run"] == run.id), None)
    if own is None:
        return before
    for entry in entries:
        if entry is own:
            break
        if claims(entry["device"]) & claims(own["device"]) and entry["run"] != run.id and _lives(entry):
            before.append(entry["run"])
    return before


def waiting(device: str) -> list[str]:
    """The ids of the living runs that hold a ticket for `device`, or part of it, first one first."""
    wanted = claims(device)
    return [entry["run"] for _, entry in _entries() if claims(entry["device"]) & wanted and _lives(entry)]


@contextlib.contextmanager
def turn(run: runs.Run, device: str, waiting: Callable[[list[str]], None]) -> Iterator[None]:
    """Wait for `run`'s turn and hold the device within the block.

    `waiting` is called a few times a second with the runs ahead; it may raise to leave the queue.
    """
    with contextlib.ExitStack() as held:
        while True:
            before = ahead(run)
            waiting(before)
            if not before and _take_all(device, held):
                break
            time.sleep(POLL_SECONDS)
        yield


def _take_all(device: str, held: contextlib.ExitStack) -> bool:
    """Take every device that `device` claims into `held`, or none of them."""
    with contextlib.ExitStack() as taken:
        for name in sorted(claims(device)):
            path = workspace.folder("queue") / f"device-{name.replace(':', '-')}.lock"
            try:
                taken.enter_context(workspace.lock(path, timeout=0))
            except filelock.Timeout:
                return False
        held.push(taken.pop_all())
    return True


def _last(folder: Path) -> int:
    try:
        return int(workspace.read_json(folder / "next.json")["last"])
    except NotFoundError:
        return 0


def _entries() -> list[tuple[Path, dict[str, Any]]]:
    """Every ticket, lowest number first."""
    found = []
    for path in sorted(workspace.folder("queue").glob("[0-9]*.json")):
        with contextlib.suppress(NotFoundError):  # given back meanwhile
            found.append((path, workspace.read_json(path)))
    return found


def _lives(entry: dict[str, Any]) -> bool:
    return workspace.is_locked(workspace.run_folder(entry["run"]) / "worker.lock")
