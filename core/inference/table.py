"""The table of answers: a CSV that is appended to row by row, and taken up where it was stopped.

`answers.csv.json` beside it says what the answers came from, so that one file never holds two models'.
"""

import contextlib
import csv
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import filelock

from core import runs, workspace
from core.errors import InferenceError, WorkspaceError
from core.inference import files, predictor
from core.model import weights_files

_DIFFERENCE = {
    "run": "another run",
    "weights": "other weights of the run",
    "rule": "another decision rule",
    "turn_away": "another share of known images turned away",
    "mirrored": "the mirror image looked at too, or not",
}


def header(classes: Sequence[str]) -> list[str]:
    """The columns: path, label, probability, unknown, error, then one probability for each class."""
    return ["path", "label", "probability", "unknown", "error", *(f"p({label})" for label in classes)]


def row(classes: Sequence[str], answer: predictor.Answer) -> list[str]:
    """One answer under `header`, as text; what an answer lacks is empty."""
    shares = [f"{answer.probabilities[label]:.6f}" if answer.probabilities else "" for label in classes]
    probability = "" if answer.probability is None else f"{answer.probability:.6f}"
    unknown = "" if answer.unknown is None else str(answer.unknown).lower()
    reason = " ".join((answer.error or "").split())
    return [answer.path, answer.label or "", probability, unknown, reason, *shares]


def line(values: Sequence[str]) -> str:
    """One row as text, with its line end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def beside(target: Path) -> tuple[Path, Path]:
    """What lies beside a table: its record, and the lock of whoever is writing it."""
    return target.with_name(f"{target.name}.json"), target.with_name(f".{target.name}.lock")


@contextlib.contextmanager
def alone(target: Path) -> Iterator[None]:
    """Be the only writer of `target` for as long as the block runs.

    Raises:
        InferenceError: somebody else writes it, or its folder cannot be written.
    """
    try:
        held = workspace.lock(beside(target)[1], timeout=0)
        held.acquire()
    except filelock.Timeout:
        raise InferenceError(
            f"{target} is being written by another process. Wait for it, or name another file."
        ) from None
    except OSError as error:
        raise InferenceError(f"{target} cannot be written: {error.strerror}.") from error
    try:
        yield
    finally:
        held.release()


def origin(model: predictor.Predictor) -> dict[str, Any]:
    """What answers depend on besides the images: run, weights, rule, share of unknowns, mirror image."""
    weights = runs.load(model.run_id).folder / "model.safetensors"
    return {
        "run": model.run_id,
        "weights": weights_files.sha256(weights),
        "rule": model.decision.to_dict(),
        "turn_away": None if model.known is None else model.known.share,
        "mirrored": model.mirrored,
    }


def take_up(target: Path, columns: list[str], made_from: dict[str, Any]) -> tuple[int, int]:
    """Make `target` ready to be appended to; return how many answers and errors it holds.

    Raises:
        InferenceError: it holds something else, or answers that came about in another way.
    """
    try:
        if not target.exists() or target.stat().st_size == 0:
            workspace.write_json(beside(target)[0], made_from)
            workspace.write_bytes(target, line(columns).encode())
            return 0, 0
        _check(target, columns, made_from)
        _cut_torn_line(target)
        errors = [bool(written[4]) for written in _rows(target)]
        return len(errors), sum(errors)
    except (OSError, UnicodeDecodeError, csv.Error, IndexError) as error:
        raise InferenceError(f"{target} cannot be used for the answers: {error}.") from error


def after(found: Iterator[Path], done: int, target: Path) -> Iterator[Path]:
    """The images that `target` does not hold yet; the ones before must be those that it holds.

    Raises:
        InferenceError: they are others.
    """
    for written in _rows(target) if done else ():
        image = next(found, None)
        name = "nothing" if image is None else files.printable(image)
        if name != written[0]:
            raise InferenceError(
                f"{target} goes on with {written[0]}, but the images go on with {name}: they are not the "
                "same as before. Name another file."
            )
    return found


def _check(target: Path, columns: list[str], made_from: dict[str, Any]) -> None:
    with open(target, encoding="utf-8", newline="") as file:
        if next(csv.reader(file), None) != columns:
            raise InferenceError(
                f"{target} holds something else than this run's answers, and is left as it is. "
                "Name another file, or delete it."
            )
    record = beside(target)[0]
    try:
        before = workspace.read_json(record)
    except WorkspaceError:
        raise InferenceError(
            f"{target} cannot be gone on with: {record.name}, which says what its answers came from, is "
            "missing or damaged. Name another file, or delete it."
        ) from None
    differences = [words for key, words in _DIFFERENCE.items() if before.get(key) != made_from[key]]
    if differences:
        raise InferenceError(
            f"{target} was begun with {' and '.join(differences)}, and is left as it is. Name another "
            f"file, or delete it to begin anew."
        )


def _rows(target: Path) -> Iterator[list[str]]:
    """The rows below the header."""
    with open(target, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        yield from rows


def _cut_torn_line(target: Path) -> None:
    """Remove what a killed process wrote after the last whole line."""
    with open(target, "rb+") as file:
        position = file.seek(0, os.SEEK_END)
        while position > 0:
            start = max(0, position - 65536)
            file.seek(start)
            last = file.read(position - start).rfind(b"\n")
            if last >= 0:
                file.truncate(start + last + 1)
                return
            position = start
