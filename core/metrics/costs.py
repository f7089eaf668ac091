"""Cost tables from files and presets, and what a decision rule changes for the better and for the worse."""

import csv
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core import runs
from core.errors import MetricsError
from core.metrics import bills, decisions, intervals, scores
from core.metrics.scores import Floats, Ints


def read_csv(path: Path, classes: list[str]) -> tuple[tuple[float, ...], ...]:
    """Costs from a CSV file: first row = answers, first column = true classes, each in any order.

    Raises:
        MetricsError: the file cannot be read, a class is missing or unknown, or a cost is no number >= 0.
    """
    try:
        rows = [row for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) if any(row)]
    except (OSError, UnicodeDecodeError) as error:
        raise MetricsError(f"The cost table {path.name} cannot be read: {error}.") from None
    answers = [cell.strip() for cell in rows[0][1:]] if rows else []
    table = {row[0].strip(): row[1:] for row in rows[1:]}
    _check_names(path.name, "columns", answers, classes)
    _check_names(path.name, "rows", [row[0].strip() for row in rows[1:]], classes)
    return tuple(tuple(_cost(path.name, table[t], answers.index(a), t, a) for a in classes) for t in classes)


def _check_names(name: str, what: str, found: list[str], classes: list[str]) -> None:
    if sorted(found) != sorted(classes):
        raise MetricsError(
            f"The {what} of {name} are {', '.join(found) or 'missing'}; each class once is expected: "
            f"{', '.join(classes)}. The first row names the answers, the first column the true classes."
        )


def _cost(name: str, cells: list[str], place: int, true: str, answer: str) -> float:
    text = cells[place] if place < len(cells) else ""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < np.inf:
        raise MetricsError(
            f"In {name} the cost of answering '{answer}' for a '{true}' is {text!r}; "
            "a number of 0 or more is accepted."
        )
    return value


@dataclasses.dataclass(frozen=True, kw_only=True)
class Effect:
    """What a rule does to the same images that the most probable class would answer.

    bill:  what both cost, by the rule's costs.
    changes: images that are answered otherwise.
    table: one entry per class: label, recall and precision before and after (None where undefined).
    """

    bill: bills.Bill
    accuracy_before: float
    accuracy_after: float | None
    coverage: float
    changes: int
    table: list[dict[str, Any]]

    def better(self) -> list[dict[str, Any]]:
        """Classes of which more images are found than before, the largest gain first."""
        return sorted((row for row in self.table if _gain(row) > 0), key=_gain, reverse=True)

    def worse(self) -> list[dict[str, Any]]:
        """Classes of which fewer images are found than before, the largest loss first."""
        return sorted((row for row in self.table if _gain(row) < 0), key=_gain)


def _gain(row: dict[str, Any]) -> float:
    before, after = row["recall_before"], row["recall_after"]
    return 0.0 if before is None or after is None else after - before


def effect(
    predictions: runs.Predictions, rule: decisions.Decision, *, groups: Sequence[object] | None = None
) -> Effect:
    """Compare `rule` with the most probable class on the same stored logits; `groups` as in `summarise`."""
    true, classes = predictions.true, predictions.classes
    before, after = predictions.logits.argmax(axis=1), rule.answer(predictions.logits)
    known = after != decisions.UNKNOWN
    rates = {"before": _rates(true, before, len(classes)), "after": _rates(true, after, len(classes))}
    table = [
        {"label": label}
        | {
            f"{name}_{when}": _or_none(one[name][k])
            for name in rates["before"]
            for when, one in rates.items()
        }
        for k, label in enumerate(classes)
    ]
    return Effect(
        bill=bills.bill(true, after, before, rule, groups=groups),
        accuracy_before=float((before == true).mean()),
        accuracy_after=float((after == true)[known].mean()) if known.any() else None,
        coverage=float(known.mean()),
        changes=int((before != after).sum()),
        table=table,
    )


def _rates(true: Ints, answers: Ints, n_classes: int) -> dict[str, Floats]:
    """Recall over all images of a class, unknowns included; precision over the answers given."""
    right = np.bincount(true[answers == true], minlength=n_classes)
    given = np.bincount(answers[answers != decisions.UNKNOWN], minlength=n_classes)
    return {
        "recall": scores.divide(right, np.bincount(true, minlength=n_classes)),
        "precision": scores.divide(right, given),
    }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CoverageCurve:
    """Answering only the surest images: from all of them down to the single surest; (n_points,) each.

    threshold: the highest probability from which on an image is answered; coverage: share answered;
    accuracy: share of right answers among them, with Wilson's interval low, high; of as many images as they
    are worth where groups are known.
    """

    threshold: Floats
    coverage: Floats
    accuracy: Floats
    low: Floats
    high: Floats


def coverage_curve(
    true: Ints, shares: Floats, *, points: int = 200, groups: Sequence[object] | None = None
) -> CoverageCurve:
    """What "say unknown below p" buys: `shares` are calibrated probabilities (n_images, n_classes).

    groups: (n_images,) names; images that share one go right or wrong together.
    """
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == true
    order = np.argsort(-sure, kind="stable")
    ordered = sure[order]
    last = np.flatnonzero(np.r_[np.diff(ordered) != 0, True])  # equally sure images go together
    if len(last) > points:
        last = last[np.unique(np.linspace(0, len(last) - 1, points).round().astype(int))]
    hits, taken = np.cumsum(right[order])[last], last + 1
    worth = intervals.design_effect(right, intervals.group_codes(groups))
    low, high = intervals.wilson(hits / worth, taken / worth)
    return CoverageCurve(
        threshold=ordered[last], coverage=taken / len(true), accuracy=hits / taken, low=low, high=high
    )
