"""The process that carries out one run: `python -m core.training.worker RUN`, alone or under torchrun.

It takes the run's lock, waits for its turn, and only then imports torch. However it ends, the run's state can
be told: it writes the last word itself, or its lock is free and the word is not final. Started by hand, it
takes a ticket like any other. Under torchrun the first process does all this; the others (`core.training.
followers`) wait until it begins.
"""

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Iterator

import filelock

from core import progress as progresses
from core import runs, workspace
from core.errors import FieldguideError, TrainingError
from core.training import followers, report, tickets

LOCK_SECONDS = 10.0
TICKET = "FIELDGUIDE_TICKET"
"""The variable in which a launched worker is told the ticket that was taken for it."""


def main(arguments: list[str]) -> int:
    """Carry out the run named in `arguments`; 0 when it finished or was asked to stop, else 1."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m core.training.worker RUN\n")
        return 2
    try:
        run = runs.load(arguments[0])
        if os.environ.get("RANK", "0") != "0":
            return followers.follow(run, sentence)
        with held(run):
            _queue_up(run)
            return 0 if carry_out(run) in ("finished", "cancelled", "paused") else 1
    except FieldguideError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def enqueue(run: runs.Run) -> int:
    """Give the run its ticket, and forget what was asked of it before; call it within `tickets.counter()`."""
    report.forget_requests(run)
    status = report.Status(run)
    number = tickets.take(run, run.config()["device"])
    status.values.pop("queue_ahead", None)
    status.set(state="queued", ticket=number, message="Starting", error=None, meeting=None)
    return number


def _queue_up(run: runs.Run) -> None:
    """Take a ticket, unless one was taken when this worker was launched.

    Raises:
        TrainingError: there is nothing left to do.
    """
    with tickets.counter():
        mine = tickets.number(run)
        if mine is not None and os.environ.get(TICKET) == str(mine):
            return
        if run.state() == "finished":
            raise TrainingError(f"Run {run.id} is finished. To train it longer, start a new run from it.")
        enqueue(run)


@contextlib.contextmanager
def held(run: runs.Run) -> Iterator[None]:
    """Hold the run's lock: it says that its worker lives.

    Raises:
        TrainingError: another worker has it.
    """
    lock = workspace.lock(run.lock_path, timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise TrainingError(f"Run {run.id} already has a worker: it is {run.state()}.") from None
    try:
        yield
    finally:
        lock.release()


def carry_out(run: runs.Run, progress: progresses.Progress = progresses.silent) -> str:
    """Wait for the run's turn and train it; returns the state that it ended in.

    The caller holds the run's lock, and the run has a ticket.
    """
    status = report.Status(run, progress)
    device = run.config()["device"]
    try:
        status.set(meeting=followers.meeting())
        with tickets.turn(run, device, lambda before: _wait(run, status, before)):
            followers.forget_faults(run)
            status.begin()
            with followers.heard(run, status):
                _train(run, status)
        status.log(f"Finished after {status.values.get('seconds') or 0:.0f} s.")
        status.set(state="finished", message="Finished", finished=report.now(), seconds_left=None)
        (run.folder / "checkpoint.pt").unlink(
            missing_ok=True
        )  # three times the model's size, and needed no more
    except report.Stopped as stop:
        state = "cancelled" if stop.asked is report.Asked.CANCEL else "paused"
        status.log(f"{state.capitalize()}, as asked.")
        status.set(state=state, message=state.capitalize(), finished=report.now(), seconds_left=None)
    except Exception as error:  # the process ends here: whatever it was, the run's page must say so
        with contextlib.suppress(OSError):  # the log may lie on the very disk that is full
            if not isinstance(error, FieldguideError):  # a person's error is told by its sentence alone
                traceback.print_exc()
        said = sentence(error)
        if not isinstance(error, FieldguideError):  # it may only be that another process is gone
            said = followers.fault(run) or said
        status.log(f"Failed: {said}")
        status.set(state="failed", message="Failed", error=said, finished=report.now(), seconds_left=None)
    finally:
        report.forget_requests(run)
        tickets.give_back(run)
    return str(status.values["state"])


def sentence(error: BaseException) -> str:
    """What a person should read about `error`."""
    if isinstance(error, FieldguideError):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            "The disk of the workspace is full. Free some space (the folder cache may be deleted at any "
            "time) and "
            "resume the run: it goes on from its last whole epoch."
        )
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return (
            "This machine ran out of memory. Choose a smaller batch size, image size or backbone, and "
            "start again."
        )
    if any(sign in str(error) for sign in ("Connection closed by peer", "Connection reset by peer")):
        return (
            "Another of the processes that train this run together ended without a word, perhaps for lack of "
            "memory. Resume the run: it goes on from its last whole epoch."
        )
    first = (str(error).splitlines() or [""])[0][:300]
    return f"The worker met a fault of its own: {type(error).__name__}: {first} The log holds the details."


def _wait(run: runs.Run, status: report.Status, before: list[str]) -> None:
    """Hear how many runs come first; leave the queue when asked to."""
    if asked := report.asked(run):
        raise report.Stopped(asked)
    if status.values.get("queue_ahead") != len(before) or "queue_ahead" not in status.values:
        message = (
            f"Waiting for {len(before)} earlier {'run' if len(before) == 1 else 'runs'}"
            if before
            else "Next in line"
        )
        status.set(state="queued", queue_ahead=len(before), message=message)


def _train(run: runs.Run, status: report.Status) -> None:
    from core.training import ranks, session  # imports torch: only now that it is this run's turn

    session.carry_out(run, status, ranks.from_environment())


if __name__ == "__main__":
    with contextlib.suppress(AttributeError, OSError):
        os.nice(5)  # pages stay quick while a run takes every processor
    sys.exit(main(sys.argv[1:]))
