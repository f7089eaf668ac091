"""Answers of very many images, on the disk: written in parts, judged when they are read.

    00000000-00000256.parquet   rows 0 to 255: name, file, time, error, distance, logits
    00000256-00000512.parquet   ...

What is kept is what the network said. Label, probability and "unknown" follow from the decision rule and the
share of unknowns of today, so that another rule or share needs no second look at the images.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import workspace
from core.data import tables
from core.metrics import decisions

PART = 256
"""Images of one part: what a killed process loses at most."""
NO_ANSWER, UNKNOWN = "no answer", "unknown"
COLUMNS = ["name", "file", "time", "error", "distance", "logits"]
VIEW = ["name", "file", "error", "label", "probability", "margin", "unknown", "said"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What turns scores into answers: the run's decision rule, and the distance above which an image is
    unlike anything known (None where the run does not know)."""

    decision: decisions.Decision
    cutoff: float | None = None


def parts(folder: Path) -> list[Path]:
    """The files of `folder` that hold answers, in their order."""
    return sorted(folder.glob("????????-????????.parquet"))


def count(folder: Path) -> int:
    """How many answers `folder` holds."""
    return max((_span(part)[1] for part in parts(folder)), default=0)


def append(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows, each with the keys of `COLUMNS`, as one part: all of them or none.

    Raises:
        WorkspaceError: the disk is full.
    """
    if not rows:
        return
    first = count(folder)
    table = pd.DataFrame(list(rows), columns=COLUMNS).astype({"distance": "float64", "time": "int64"})
    workspace.write_table(folder / f"{first:08d}-{first + len(rows):08d}.parquet", table)


def clear(folder: Path) -> None:
    """Forget all answers in `folder`."""
    for part in parts(folder):
        part.unlink(missing_ok=True)


def read(folder: Path, *, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
    """The parts in order, one at a time; the index counts from the first answer of all."""
    for part in parts(folder):
        table = pd.read_parquet(part, columns=columns)
        table.index = pd.RangeIndex(*_span(part))
        yield table


def rows(folder: Path, places: Sequence[int]) -> pd.DataFrame:
    """The rows at `places`, in that order; only the parts that hold them are read."""
    wanted, found = set(places), []
    for part in parts(folder):
        first, end = _span(part)
        here = sorted(place for place in wanted if first <= place < end)
        if here:
            found.append(pd.read_parquet(part).set_axis(range(first, end)).loc[here])
    return pd.concat(found).loc[list(places)] if found else pd.DataFrame(columns=COLUMNS)


def judged(folder: Path, rule: Rule) -> pd.DataFrame:
    """Every answer in one line each, with the columns of `VIEW`; scores are read part by part.

    `margin` is the probability of the likeliest class less that of the second. `unknown` is True, False or
    None (the run cannot tell), `said` the label, "unknown" or "no answer".
    """
    found = [_judged_part(part, rule) for part in read(folder)]
    return pd.concat(found) if found else pd.DataFrame(columns=VIEW)


def shares(part: pd.DataFrame, rule: Rule) -> NDArray[np.float64]:
    """Calibrated probabilities (n_rows, n_classes) of rows as stored; NaN where there is no answer."""
    found = np.full((len(part), len(rule.decision.classes)), np.nan)
    known = part["error"].isna().to_numpy()
    if known.any():
        found[known] = rule.decision.probabilities(logits(part[known]))
    return found


def logits(part: pd.DataFrame) -> NDArray[np.float64]:
    """Scores (n_rows, n_classes) of rows that all have an answer."""
    return np.stack([np.asarray(row, np.float64) for row in part["logits"]])


def exported(folder: Path, rule: Rule) -> Iterator[pd.DataFrame]:
    """The parts as people take them away, with the command line's columns: path, label, probability,
    unknown, error, and p(CLASS) for each class."""
    for part in read(folder):
        view, probabilities = _judged_part(part, rule), shares(part, rule).round(6)
        table = pd.DataFrame(
            {
                "path": view["name"],
                "label": view["label"],
                "probability": view["probability"].round(6),
                "unknown": view["unknown"],
                "error": view["error"],
            }
        )
        for place, label in enumerate(rule.decision.classes):
            table[f"p({label})"] = probabilities[:, place]
        yield table


def to_csv(folder: Path, rule: Rule, target: Path) -> None:
    """Write all answers as CSV, a part at a time."""
    with workspace.replacing(target) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        for number, table in enumerate(exported(folder, rule)):
            said = table["unknown"].map({True: "true", False: "false"})
            table.assign(unknown=said).to_csv(file, index=False, header=number == 0, float_format="%.6f")


def to_parquet(folder: Path, rule: Rule, target: Path) -> None:
    """Write all answers as one Parquet file, a part at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"path": pa.string(), "label": pa.string(), "probability": pa.float64()}
    kinds |= {"unknown": pa.bool_(), "error": pa.string()}
    kinds |= {f"p({label})": pa.float64() for label in rule.decision.classes}
    schema = pa.schema(kinds)
    with workspace.replacing(target) as temporary, pq.ParquetWriter(temporary, schema) as file:
        for table in exported(folder, rule):
            file.write_table(pa.Table.from_pandas(table, schema=schema, preserve_index=False))


def _judged_part(part: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    known = part["error"].isna().to_numpy()
    probabilities = shares(part, rule)  # (n, C)
    places = np.full(len(part), decisions.UNKNOWN)
    if known.any():
        places[known] = rule.decision.answer_shares(probabilities[known])
    unknown = _unknown(part, rule, known, known & (places == decisions.UNKNOWN))
    likeliest = np.nan_to_num(probabilities, nan=0.0).argmax(axis=1)
    shown = np.where(places == decisions.UNKNOWN, likeliest, places)
    labels = np.array([*rule.decision.classes, None], object)[np.where(known, shown, -1)]
    said = labels.copy()
    said[unknown == np.True_] = UNKNOWN
    said[~known] = NO_ANSWER
    ranked = np.sort(probabilities, axis=1)
    columns = {
        "name": part["name"],
        "file": tables.with_none(part["file"]),
        "error": tables.with_none(part["error"]),
        "label": pd.Series(labels, part.index, dtype=object),  # else None would become NaN
        "probability": probabilities[np.arange(len(part)), shown],
        "margin": ranked[:, -1] - ranked[:, -2] if probabilities.shape[1] > 1 else ranked[:, -1],
        "unknown": pd.Series(unknown, part.index, dtype=object),
        "said": said,
    }
    return pd.DataFrame(columns, index=part.index, columns=VIEW)


def _unknown(
    part: pd.DataFrame, rule: Rule, known: NDArray[np.bool_], unsure: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """True, False, or None where the run cannot tell and the rule does not say so either."""
    found = np.full(len(part), None, object)
    if rule.cutoff is not None:
        distance = part["distance"].to_numpy(np.float64)
        told = known & ~np.isnan(distance)
        found[told] = (distance[told] > rule.cutoff).tolist()
    found[unsure] = True
    return found


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("????????-????????.parquet"))


def _span(part: Path) -> tuple[int, int]:
    first, _, end = part.stem.partition("-")
    return int(first), int(end)
