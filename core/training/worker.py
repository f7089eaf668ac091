"""The process that carries out one run: `python -m core.training.worker RUN`.

It takes the run's lock, waits for its turn, and only then imports torch. However it ends, the run's state can
be told: it writes the last word itself, or its lock is free and the word is not final.
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
from core.training import report, tickets

LOCK_SECONDS = 10.0


def main(arguments: list[str]) -> int:
    """Carry out the run named in `arguments`; 0 when it finished or was asked to stop, else 1."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m core.training.worker RUN\n")
        return 2
    run = runs.load(arguments[0])
    if os.environ.get("RANK", "0") != "0":
        return follow(run)
    with held(run):
        return 0 if carry_out(run) in ("finished", "cancelled", "paused") else 1


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
        with tickets.turn(run, device, lambda before: _wait(run, status, before)):
            status.begin()
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
        status.log(f"Failed: {sentence(error)}")
        status.set(
            state="failed", message="Failed", error=sentence(error), finished=report.now(), seconds_left=None
        )
    finally:
        report.forget_requests(run)
        tickets.give_back(run)
    return str(status.values["state"])


def follow(run: runs.Run) -> int:
    """Another process of torchrun: compute along, write nothing."""
    from core.training import ranks, session

    with contextlib.suppress(report.Stopped):
        session.carry_out(run, report.Mute(run), ranks.from_environment())
    return 0


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
