"""Every run in one table, to be sorted by any metric."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from core import runs
from core.errors import FieldguideError
from core.metrics import adviser, store
from core.metrics.report import facts

COLUMNS = [
    "accuracy", "balanced_accuracy", "macro_f1", "weighted_f1", "macro_average_precision", "macro_roc_auc",
    "cohen_kappa", "matthews", "log_loss", "brier", "expected_cost",
]  # fmt: skip
SETTINGS = ["dataset", "split", "mode", "backbone", "weights", "epochs"]


def table(found: Iterable[runs.Run], *, metric: str = "accuracy") -> pd.DataFrame:
    """One row per run that has validation predictions, the best first by `metric`.

    Columns: run, name, created, the settings, n_images, the metrics of COLUMNS, and `metric`, low, high.
    Test results stay sealed: only validation is read. A run without the metric (another class) has none.
    """
    rows = [row for run in found if (row := _row(run, metric)) is not None]
    frame = pd.DataFrame(rows, columns=list(dict.fromkeys([*_HEAD, *COLUMNS, metric, "low", "high"])))
    return frame.sort_values(
        metric, ascending=metric in adviser.LOWER_IS_BETTER, na_position="last", ignore_index=True
    )


_HEAD = ["run", "name", "created", *SETTINGS, "n_images"]


def _row(run: runs.Run, metric: str) -> dict[str, Any] | None:
    try:
        figures = store.figures(run)
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


def _setting(value: Any) -> Any:
    """Weights may be a file: its name says enough."""
    return facts.plain(value) if isinstance(value, str) else value
