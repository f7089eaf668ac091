"""The process that answers a folder: `python -m core.inference.detached_worker FOLDER`."""

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import filelock

from core import runs, workspace
from core.errors import FieldguideError
from core.inference import answered, answering, batch, detached, intake, predictor, unknown

TELL_SECONDS = 0.5
_NICE = 5  # people at the pages go first


def carry_out(asked: detached.Batch) -> str:
    """Answer what is asked for, telling how far it is; returns the state that it ended in."""
    try:
        with _turn(asked):
            return _answer(asked)
    except FieldguideError as error:
        detached.tell(asked, "failed", message=str(error))
    except Exception:  # the process ends here, and the page must say so
        traceback.print_exc()
        detached.tell(asked, "failed", message=f"Something went wrong; {asked.folder}/process.log says what.")
    return "failed"


def _answer(asked: detached.Batch) -> str:
    if asked.stop_path.exists():  # asked to, while it waited
        detached.tell(asked, "stopped", done=answered.count(asked.folder))
        return "stopped"
    detached.tell(asked, "working", message="Loading the model")
    run = runs.load(asked.run_id)
    unknown.ensure(run)
    model = predictor.load(run.id)
    model = model.looking_twice() if asked.mirrored else model
    detached.tell(asked, "working", message="Counting the images")
    total = sum(1 for _ in batch.files([asked.source]))
    if not _same_images(asked):
        answered.clear(asked.folder)
    last = 0.0

    def told(done: int) -> None:
        nonlocal last
        if time.monotonic() - last > TELL_SECONDS:
            last = time.monotonic()
            detached.tell(asked, "working", done=done, total=total, message="Answering")

    whole = answering.answer(
        model, _items(asked.source), asked.folder, told=told, stopping=asked.stop_path.exists
    )
    state = "ready" if whole else "stopped"
    detached.tell(asked, state, done=answered.count(asked.folder), total=total)
    return state


def _items(source: Path) -> Iterator[intake.Item]:
    """The images below `source`, called by their path in it."""
    base = source if source.is_dir() else source.parent
    return (_item(file, base) for file in batch.files([source]))


def _item(file: Path, base: Path) -> intake.Item:
    name = file.relative_to(base).as_posix()
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8 come as lone surrogates, which no table takes
        shown = os.fsencode(name).decode("utf-8", "backslashreplace")
        return intake.Item(name=shown, reason="Its name is not valid text (UTF-8): rename it.")
    return intake.Item(name=name, file=file)


def _same_images(asked: detached.Batch) -> bool:
    """Whether the images answered so far are still the first ones, and unchanged."""
    items = _items(asked.source)
    for part in answered.read(asked.folder, columns=["name", "time"]):
        for name, changed in zip(part["name"], part["time"], strict=True):
            item = next(items, None)
            if item is None or item.name != name or answering.modified(item.file) != changed:
                return False
    return True


@contextlib.contextmanager
def _turn(asked: detached.Batch) -> Iterator[None]:
    """Wait until no other folder is being answered: one after the other is as fast, and takes one model."""
    turn = workspace.lock(workspace.cache_folder("answers") / "turn.lock")
    while not asked.stop_path.exists():
        try:
            turn.acquire(timeout=TELL_SECONDS)
            break
        except filelock.Timeout:
            detached.tell(asked, "waiting", message="Waiting for another folder to be answered")
    try:
        yield
    finally:
        turn.release()


def main(arguments: list[str]) -> int:
    """Answer the folder that was asked for; a second process for the same one ends at once."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    asked = detached.load(Path(arguments[0]))
    try:
        with workspace.lock(asked.lock_path, timeout=0):
            return 0 if carry_out(asked) in ("ready", "stopped") else 1
    except filelock.Timeout:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
