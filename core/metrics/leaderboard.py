"""Every run in one table, to be sorted by any metric."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from core import runs
from core.errors import FieldguideError
from core.metrics import adviser, bills, decisions, store
from core.metrics.report import facts

COLUMNS = [
    "accuracy", "balanced_accuracy", "macro_f1", "weighted_f1", "macro_average_precision", "macro_roc_auc",
    "cohen_kappa", "matthews", "log_loss", "brier", "expected_cost",
]  # fmt: skip
SETTINGS = ["dataset", "split", "mode", "backbone", "weights", "epochs"]


def table(
    found: Iterable[runs.Run], *, metric: str = "accuracy", judge: decisions.Decision | None = None
) -> pd.DataFrame:
    """One row per run that has validation predictions, the best first by `metric`.

    Columns: run, name, created, the settings, n_images, the metrics of COLUMNS, and `metric`, low, high.
    The scores are those of the most probable class. `expected_cost` is that of each run's own answers by the
    costs of one rule for all, `judge`; without it, and for runs of other classes, there is none: costs of
    different tables cannot be compared. Test results stay sealed: only validation is read. A run without the
    metric (another class) has none.
    """
    rows = [row for run in found if (row := _row(run, metric, judge)) is not None]
    frame = pd.DataFrame(rows, columns=list(dict.fromkeys([*_HEAD, *COLUMNS, metric, "low", "high"])))
    return frame.sort_values(
        metric, ascending=metric in adviser.LOWER_IS_BETTER, na_position="last", ignore_index=True
    )


_HEAD = ["run", "name", "created", *SETTINGS, "n_images"]


def _row(run: runs.Run, metric: str, judge: decisions.Decision | None) -> dict[str, Any] | None:
    try:
        figures = _judged(run, store.figures(run), judge)
    except FieldguideError:
        return None  # not finished, or without validation images
    config = run.config()
    row = {"run": run.id, "name": config.get("name"), "created": run.created, "n_images": figures["n_images"]}
    row |= {name: _setting(config.get(name)) for name in SETTINGS} | {
        name: figures.get(name) for name in COLUMNS
    }
    try:
        value, between = adviser.value_of(figures, metric)
    except FieldguideError:
        value, between = None, None
    low, high = between or (None, None)
    return row | {metric: value, "low": low, "high": high}


def _judged(run: runs.Run, figures: dict[str, Any], judge: decisions.Decision | None) -> dict[str, Any]:
    """The figures with the cost of the run's answers by the judge's costs."""
    rule = decisions.load(run)
    if judge is not None and bills.same_costs(rule, judge) and figures["cost_basis"] == "all":
        return figures
    cost: dict[str, Any] = {
        "expected_cost": None,
        "intervals": figures["intervals"] | {"expected_cost": None},
    }
    if judge is None or judge.classes != rule.classes:
        return figures | cost
    seen = run.predictions("validation")
    plainly, groups = seen.logits.argmax(axis=1), store.groups_of(run, seen.paths)
    bill = bills.bill(seen.true, rule.answer(seen.logits), plainly, judge, groups=groups)
    if bill.basis != "all":  # one that leaves images out is cheaper for that alone
        return _with_cost(figures, None, None)
    return _with_cost(figures, bill.after, bill.between)


def _with_cost(figures: dict[str, Any], cost: float | None, between: Any) -> dict[str, Any]:
    pairs = figures["intervals"] | {"expected_cost": between}
    return figures | {"expected_cost": cost, "intervals": pairs}


def _setting(value: Any) -> Any:
    """Weights may be a file: its name says enough."""
    return facts.plain(value) if isinstance(value, str) else value
