"""How long the figures of a large prediction file take, and how honest the intervals are.

    python -m benchmarks.metrics               a table of seconds: 50,000 images of 100 classes
    python -m benchmarks.metrics --coverage    a table of how often the 95 % intervals hold the truth

The first times what the Metrics page asks for, read from Parquet, each view the first time it is opened and
again. The second draws 1,000 subsets of several kinds and sizes. `--json` prints either as one JSON object.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

IMAGES, CLASSES = 50_000, 100


def main() -> None:
    """Print the table that was asked for."""
    if "--coverage" in sys.argv:
        rows = coverage()
    else:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["FIELDGUIDE_HOME"] = folder
            rows = measure()
    print(json.dumps(rows) if "--json" in sys.argv else _table(rows))


def _table(rows: dict[str, dict[str, Any]]) -> str:
    """Names down the side, columns of the first row across."""
    names = list(next(iter(rows.values())))
    width = max(map(len, rows))
    lines = [" " * width + "".join(f"{name:>25}" for name in names)]
    lines += [
        f"{label:<{width}}" + "".join(f"{_cell(row.get(name)):>25}" for name in names)
        for label, row in rows.items()
    ]
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def measure() -> dict[str, dict[str, float]]:
    """Seconds and processor seconds of each step, the first time and once warm."""
    return {
        name: {
            f"{which} {unit}": round(taken, 3)
            for which in ("first", "warm")
            for unit, taken in zip(("seconds", "processor"), _timed(step), strict=True)
        }
        for name, step in steps().items()
    }


def _timed(step: Callable[[], object]) -> tuple[float, float]:
    start, busy = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - start, time.process_time() - busy


def steps() -> dict[str, Callable[[], object]]:
    """What the page does for a run of that size, by name."""
    from core.metrics import (
        comparison,
        confusion,
        costs,
        deciding,
        decisions,
        mistakes,
        record,
        slices,
        store,
        summary,
        views,
    )  # fmt: skip
    from core.metrics.report import document

    run, other = make_run(), make_run(seed=1)
    read = run.predictions("validation")
    rule = decisions.Decision(classes=tuple(read.classes), temperature=0.9, unknown_below=0.4)
    groups = [f"group {k}" for k in np.arange(IMAGES) // 3]
    words = np.random.default_rng(2).choice(["dark", "dim", "light", "bright"], (IMAGES, 8))
    properties = {f"property {k}": pd.Series(words[:, k], index=read.paths) for k in range(8)}
    counts = np.array(store.figures(run)["confusion"])
    return {
        "read predictions": lambda: run.predictions("validation"),
        "figures": lambda: summary.summarise(read, validation=read),
        "figures, grouped": lambda: summary.summarise(read, validation=read, groups=groups),
        "figures, kept": lambda: store.figures(run),
        "figures, another rule": lambda: (decisions.save(run, rule), store.figures(run)),
        "confusion": lambda: (confusion.most_confused(counts, read.classes), confusion.cluster_order(counts)),
        "curves": lambda: (views.class_curve(read, rule, read.classes[3]), views.reliability(read, 0.9)),
        "mistakes": lambda: mistakes.worst_first(mistakes.answers(read, rule)),
        "slices, 8 properties": lambda: slices.table(read, properties),
        "slices, grouped": lambda: slices.table(read, properties, groups=groups),
        "costs": lambda: costs.effect(read, deciding.rule(run, unknown_below=0.4)),
        "compare": lambda: comparison.compare(run, other),
        "compare by macro F1": lambda: comparison.compare(run, other, metric="macro_f1"),
        "report": lambda: document.render(run, images=False),
        "everything as JSON": lambda: record.everything(run),
    }


def make_run(seed: int = 0):  # -> core.runs.Run
    """A finished run with random logits, 74 % right; the truth is the same for every seed."""
    from core import runs, workspace

    true = np.random.default_rng(0).integers(0, CLASSES, IMAGES)
    random = np.random.default_rng(1 + seed)
    logits = random.normal(size=(IMAGES, CLASSES)).astype(np.float32)
    logits[np.arange(IMAGES), true] += 3
    paths = [f"{i:06d}.jpg" for i in range(IMAGES)]
    labels = [f"class {k:03d}" for k in true]
    manifest = pd.DataFrame({"path": paths, "label": labels, "class_index": true, "subset": "validation"})
    run = runs.create({"dataset": "benchmark", "split": "benchmark"}, manifest)
    table = pd.DataFrame({"path": paths, "subset": "validation", "true": true, "logits": list(logits)})
    workspace.write_table(Path(run.folder) / "predictions.parquet", table)
    return run


SIZES = {
    "n = 50: 20, 15, 15": [20, 15, 15],
    "n = 50: 30, 10, 10": [30, 10, 10],
    "n = 50: 5 x 10": [10] * 5,
    "n = 50: 40, 7, 3": [40, 7, 3],
    "n = 50: 10 x 5": [5] * 10,
    "n = 100: 80, 14, 6": [80, 14, 6],
    "n = 500: 200, 150, 150": [200, 150, 150],
    "n = 500: 10 x 50": [50] * 10,
}
SKILLS = {"weak": 1.0, "good": 1.8, "very good": 2.6}
"""By how many standard deviations the true class's logit is favoured."""
NAMES = (
    "accuracy", "macro_f1", "balanced_accuracy", "macro_precision", "cohen_kappa", "matthews", "log_loss",
    "macro_average_precision", "macro_roc_auc",
)  # fmt: skip


def coverage(subsets: int = 1000) -> dict[str, dict[str, float | None]]:
    """Share of subsets whose interval holds the score of 100,000 images of the same mix; None: none shown."""
    return {
        f"{kind}; {skill}": _covered(np.array(sizes), favour, subsets)
        for kind, sizes in SIZES.items()
        for skill, favour in SKILLS.items()
    }


def _covered(sizes: np.ndarray, skill: float, subsets: int) -> dict[str, float | None]:
    from core.metrics import scored

    random = np.random.default_rng(1)
    truth = scored.as_scored(_drawn(random, sizes * (100_000 // sizes.sum()), skill), draws=2)
    inside, shown = dict.fromkeys(NAMES, 0), dict.fromkeys(NAMES, 0)
    for _ in range(subsets):
        figures = scored.as_scored(_drawn(random, sizes, skill), draws=400)
        for name in NAMES:
            if (pair := figures["intervals"][name]) is not None:
                shown[name] += 1
                inside[name] += int(pair[0] <= truth[name] <= pair[1])
    return {name: inside[name] / shown[name] if shown[name] else None for name in NAMES}


def _drawn(random: np.random.Generator, sizes: np.ndarray, skill: float):  # -> core.runs.Predictions
    """Images of known classes with normal logits, the true class's favoured."""
    from core import runs

    true = np.repeat(np.arange(len(sizes)), sizes)
    logits = 1.5 * (random.normal(size=(len(true), len(sizes))) + skill * np.eye(len(sizes))[true])
    names = [f"class {k}" for k in range(len(sizes))]
    return runs.Predictions(classes=names, paths=[], true=true, logits=logits, subset="test")


if __name__ == "__main__":
    main()
