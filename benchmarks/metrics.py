"""How long the figures of a large prediction file take: `python benchmarks/metrics.py`.

50,000 images of 100 classes, as the Metrics page asks for them: read from Parquet, scored, calibrated, with
every interval. Prints one JSON object. With `--coverage` it measures instead how often the bootstrap's 95 %
intervals hold the truth, 1,000 subsets each of several kinds and sizes.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

IMAGES, CLASSES = 50_000, 100


def main() -> None:
    """Make a run of that size in a workspace of its own, and time its figures."""
    if "--coverage" in sys.argv:
        print(json.dumps(coverage(), indent=1))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FIELDGUIDE_HOME"] = folder
        print(json.dumps({"images": IMAGES, "classes": CLASSES} | measure()))


def measure() -> dict[str, float]:
    """Seconds for the figures, the first time and when kept, and for what each view of the page asks."""
    from core.metrics import comparison, costs, deciding, decisions, mistakes, record, store, views
    from core.metrics.report import document

    run = make_run()
    other = make_run(seed=1)
    read = run.predictions("validation")
    rule = decisions.Decision(classes=tuple(read.classes), temperature=0.9, unknown_below=0.4)
    steps = {
        "read_predictions": lambda: run.predictions("validation"),
        "figures": lambda: store.figures(run),
        "figures_kept": lambda: store.figures(run),
        "figures_by_another_rule": lambda: (decisions.save(run, rule), store.figures(run)),
        "view_mistakes": lambda: mistakes.worst_first(mistakes.answers(read, rule)),
        "view_curves": lambda: (views.class_curve(read, rule, read.classes[3]), views.reliability(read, 0.9)),
        "view_costs": lambda: costs.effect(read, deciding.rule(run, unknown_below=0.4)),
        "view_compare": lambda: comparison.compare(run, other),
        "report": lambda: document.render(run, images=False),
        "everything_as_json": lambda: record.everything(run),
    }
    seconds = {}
    for name, step in steps.items():
        start, busy = time.perf_counter(), time.process_time()
        step()
        seconds[f"{name}_seconds"] = round(time.perf_counter() - start, 3)
        seconds[f"{name}_cpu_seconds"] = round(time.process_time() - busy, 3)
    return seconds


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


KINDS = {
    "3 classes, 82 % right": ([0.80, 0.90, 0.70], [0.4, 0.3, 0.3]),
    "3 classes, 97 % right": ([0.97, 0.97, 0.95], [0.4, 0.3, 0.3]),
    "3 uneven classes, 80:14:6": ([0.80, 0.90, 0.70], [0.80, 0.14, 0.06]),
    "10 classes, 85 % right": ([0.85] * 10, [0.1] * 10),
}
"""Recall of each class, and its share of the images; mistakes fall evenly on the other classes."""


def coverage(subsets: int = 1000) -> dict[str, dict[str, float]]:
    """Share of subsets whose interval holds the true score, by kind and size."""
    return {
        f"{kind}, n = {n}": _covered(np.array(recall), np.round(np.array(shares) * n).astype(int), subsets)
        for kind, (recall, shares) in KINDS.items()
        for n in (50, 100, 500)
    }


def _covered(recall: np.ndarray, sizes: np.ndarray, subsets: int) -> dict[str, float]:
    from core.metrics import intervals, scores

    n_classes, random = len(sizes), np.random.default_rng(1)
    rows = np.where(np.eye(n_classes) > 0, recall[:, None], (1 - recall[:, None]) / (n_classes - 1))
    names = ["macro_f1", "balanced_accuracy", "weighted_f1", "cohen_kappa", "matthews"]
    truth = {name: scores.OF_TALLY[name](scores.tally(rows * sizes[:, None])) for name in names}
    true, inside = np.repeat(np.arange(n_classes), sizes), dict.fromkeys(names, 0)
    for seed in range(subsets):
        predicted = np.concatenate(
            [random.choice(n_classes, size=n, p=p) for n, p in zip(sizes, rows, strict=True)]
        )
        sample = intervals.Sample(true=true, predicted=predicted, n_classes=n_classes)
        drawn = intervals.draw(sample, draws=500, seed=seed)
        for name in names:
            low, high = intervals.bounds(scores.OF_TALLY[name](drawn))
            inside[name] += int(low <= truth[name] <= high)
    return {name: count / subsets for name, count in inside.items()}


if __name__ == "__main__":
    main()
