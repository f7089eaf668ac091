"""The processes of torchrun beside the first: they wait for it, compute along, and tell it of their errors.

They write nothing but `fault-<rank>.json`, which the first one passes on to the person: it may itself be
waiting for them at that moment, deep within torch.
"""

import contextlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator

from core import runs, workspace
from core.errors import NotFoundError
from core.training import report, tickets

POLL_SECONDS = 0.2
GRACE_SECONDS = 5.0
"""How long the first process may take to notice by itself that another has failed."""
LINGER_SECONDS = 6 * GRACE_SECONDS
"""How long a process that has failed waits for the first one's last word: torchrun ends them all together."""


def meeting() -> str | None:
    """What names this start of torchrun, alike in all of its processes; None for a process alone."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        return None
    names = ("MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT")
    return " ".join(os.environ.get(name, "") for name in names)


def follow(run: runs.Run, sentence: Callable[[BaseException], str]) -> int:
    """Compute along from when the first process begins; 0 unless this one failed. `sentence` puts an error
    into words.
    """
    if not _begins(run):
        return 0
    from core.training import ranks, session

    place = ranks.from_environment()
    try:
        session.carry_out(run, report.Mute(run), place)
    except (report.Stopped, ranks.EndedElsewhere):
        return 0
    except Exception as error:  # the process ends here, and the first one must say why
        traceback.print_exc()
        said = {"error": sentence(error), "rank": place.rank}
        with contextlib.suppress(Exception):  # the disk may be what failed
            workspace.write_json(run.folder / f"fault-{place.rank}.json", said)
        _linger(run)
        return 1
    return 0


@contextlib.contextmanager
def heard(run: runs.Run, status: report.Status) -> Iterator[None]:
    """A block in which the first process hears of the others' errors, also while it waits for them."""
    if meeting() is None:
        yield
        return
    done = threading.Event()
    threading.Thread(target=_hear, args=(run, status, done), daemon=True).start()
    try:
        yield
    finally:
        done.set()


def fault(run: runs.Run) -> str | None:
    """What another process failed of."""
    for path in sorted(run.folder.glob("fault-*.json")):
        with contextlib.suppress(NotFoundError):
            return str(workspace.read_json(path)["error"])
    return None


def forget_faults(run: runs.Run) -> None:
    """Remove what processes of an earlier start have failed of."""
    for path in run.folder.glob("fault-*.json"):
        path.unlink(missing_ok=True)


def _begins(run: runs.Run) -> bool:
    """Wait for the first process's turn; False where it leaves the queue instead."""
    mine = meeting()
    while True:
        with contextlib.suppress(NotFoundError):
            said = workspace.read_json(run.folder / "status.json")
            if said.get("meeting") == mine and said["state"] != "queued":
                return bool(said["state"] == "running")
        time.sleep(POLL_SECONDS)


def _hear(run: runs.Run, status: report.Status, done: threading.Event) -> None:
    """End the run with the first error of another process, unless this one comes to its end by itself."""
    while not done.wait(POLL_SECONDS):
        said = fault(run)
        if said is None:
            continue
        if not done.wait(GRACE_SECONDS):
            tickets.give_back(run)
            status.set(state="failed", message="Failed", error=said, finished=report.now(), seconds_left=None)
            sys.stderr.write(f"{said}\n")
            os._exit(1)  # the main thread waits within torch, where nothing else reaches it
        return


def _linger(run: runs.Run) -> None:
    """Leave the first process time for its last word."""
    until = time.monotonic() + LINGER_SECONDS
    while run.state() not in runs.FINAL and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
