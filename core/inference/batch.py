"""Very many images: found, answered and written one after the other, and taken up again where it stopped."""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from core import progress as progress_module
from core import workspace
from core.data import images
from core.errors import InferenceError
from core.inference import predictor

MOST_SHOWN = 1000
_REPORT_EVERY = 32


def files(paths: Iterable[str | Path]) -> Iterator[Path]:
    """The files that `paths` name, in order; of a folder, every image in it and below, sorted by name.

    A path that does not exist is passed on, so that it gets its own error beside the answers.
    """
    for path in map(Path, paths):
        yield from _below(path) if path.is_dir() else iter((path,))


def to_csv(
    model: predictor.Predictor,
    paths: Sequence[str | Path],
    target: Path,
    *,
    workers: int = 2,
    progress: progress_module.Progress | None = None,
) -> dict[str, Any]:
    """Answer for every image and append one row each to `target`, in flat memory.

    Rows that are there already, from a call that was stopped, are kept and not computed again; the
    images must be the same, in the same order. Returns {"predictions", "csv", "n_images", "n_errors",
    "resumed_at"}: the first 1,000 answers of this call, and counts over the whole file.

    Raises:
        InferenceError: `target` holds something else, or cannot be written.
    """
    report = progress or progress_module.silent
    kept: list[dict[str, Any]] = []
    done, errors = _take_up(target, header(model))
    waiting = _after(files(paths), done, target)
    total = done
    try:
        with open(target, "a", encoding="utf-8", newline="") as file:
            for answer in model.stream(waiting, workers=workers):
                file.write(_csv_line(row(model, answer)))
                if len(kept) < MOST_SHOWN:
                    kept.append(answer.record())
                total, errors = total + 1, errors + (answer.error is not None)
                if total % _REPORT_EVERY == 0:
                    file.flush()
                    report(total, 0, "Classifying")
    except OSError as error:
        raise InferenceError(f"{target} cannot be written: {error.strerror}.") from error
    return {
        "predictions": kept,
        "csv": str(target),
        "n_images": total,
        "n_errors": errors,
        "resumed_at": done,
    }


def header(model: predictor.Predictor) -> list[str]:
    """The columns: path, label, probability, unknown, error, then one probability for each class."""
    return ["path", "label", "probability", "unknown", "error", *(f"p({label})" for label in model.classes)]


def row(model: predictor.Predictor, answer: predictor.Answer) -> list[str]:
    """One answer under `header`, as text; what an answer lacks is empty."""
    shares = [f"{answer.probabilities[label]:.6f}" if answer.probabilities else "" for label in model.classes]
    probability = "" if answer.probability is None else f"{answer.probability:.6f}"
    unknown = "" if answer.unknown is None else str(answer.unknown).lower()
    reason = " ".join((answer.error or "").split())
    return [answer.path, answer.label or "", probability, unknown, reason, *shares]


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names) if name.lower().endswith(images.ENDINGS))


def _csv_line(values: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()


def _take_up(target: Path, columns: list[str]) -> tuple[int, int]:
    """Make `target` ready to be appended to; return how many answers and errors it holds."""
    try:
        if not target.exists() or target.stat().st_size == 0:
            target.parent.mkdir(parents=True, exist_ok=True)
            workspace.write_bytes(target, _csv_line(columns).encode())
            return 0, 0
        _cut_torn_line(target)
        with open(target, encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            if next(rows, None) != columns:
                raise InferenceError(
                    f"{target} holds something else than this run's answers, and is left as it is. "
                    "Name another file, or delete it."
                )
            errors = [bool(written[4]) for written in rows]
            return len(errors), sum(errors)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InferenceError(f"{target} cannot be used for the answers: {error}.") from error


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


def _after(found: Iterator[Path], done: int, target: Path) -> Iterator[Path]:
    """The images that `target` does not hold yet; the ones before must be those that it holds."""
    if not done:
        return found
    with open(target, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for written in rows:
            image = next(found, None)
            if str(image) != written[0]:
                raise InferenceError(
                    f"{target} goes on with {written[0]}, but the images go on with {image}: they are not "
                    "the same as before. Name another file."
                )
    return found
