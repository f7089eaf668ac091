"""Putting images to a model and keeping what it says, taken up again where an earlier call stopped."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.inference import answered, intake, predictor

Told = Callable[[int], None]


def answer(
    model: predictor.Predictor,
    items: Iterable[intake.Item],
    folder: Path,
    *,
    told: Told = lambda done: None,
    stopping: Callable[[], bool] = lambda: False,
    workers: int = 2,
) -> bool:
    """Answer the items that `folder` does not hold yet and append them, in flat memory.

    The items must be those of earlier calls, in the same order, and then further ones. `told` hears after
    each image how many are done; where `stopping` says so, what is done is kept and False returned.

    Raises:
        WorkspaceError: the disk is full.
    """
    done = answered.count(folder)
    waiting: list[dict[str, Any]] = []
    for row in _rows(model, itertools.islice(items, done, None), workers):
        waiting.append(row)
        told(done + len(waiting))
        if len(waiting) == answered.PART:
            answered.append(folder, waiting)
            done, waiting = done + len(waiting), []
        if stopping():
            answered.append(folder, waiting)
            return False
    answered.append(folder, waiting)
    return True


def _rows(model: predictor.Predictor, items: Iterable[intake.Item], workers: int) -> Iterator[dict[str, Any]]:
    items, ahead = itertools.tee(items)  # the decoding threads run a few batches ahead
    found = model.stream((item.file for item in ahead if item.file is not None), workers=workers)
    for item in items:
        if item.file is None:
            yield row(predictor.Answer(path=item.name, error=item.reason or "It could not be taken."), item)
        else:
            yield row(next(found), item)


def row(answer: predictor.Answer, item: intake.Item) -> dict[str, Any]:
    """One answer as `answered` keeps it."""
    return {
        "name": item.name,
        "file": None if item.file is None else str(item.file),
        "time": modified(item.file),
        "error": answer.error,
        "distance": float("nan") if answer.distance is None else answer.distance,
        "logits": answer.logits or None,
    }


def recalled(model: predictor.Predictor, rows: pd.DataFrame) -> list[predictor.Answer]:
    """The answers that stored rows stand for, under the model's decision rule and share of today."""
    return [_recalled(model, rows.iloc[[number]]) for number in range(len(rows))]


def _recalled(model: predictor.Predictor, one: pd.DataFrame) -> predictor.Answer:
    name, error = str(one["name"].iloc[0]), one["error"].iloc[0]
    if isinstance(error, str):
        return predictor.Answer(path=name, error=error)
    distances = one["distance"].to_numpy(np.float64)
    told = model.known is not None and not np.isnan(distances).any()
    return predictor.named(model.answers(answered.logits(one), distances if told else None)[0], name)


def modified(file: Path | None) -> int:
    """When a file was changed last, in nanoseconds; 0 where there is none."""
    try:
        return file.stat().st_mtime_ns if file is not None else 0
    except OSError:
        return 0
