"""Cases that the metrics are checked on: random, degenerate and wide."""

import numpy as np
import pandas as pd

from core import runs, workspace


def predictions(true, logits, subset="validation", classes=None) -> runs.Predictions:
    """Predictions for labels and logits given as lists or arrays."""
    logits = np.asarray(logits, dtype=np.float64)
    names = classes or [f"class {k:04d}" for k in range(logits.shape[1])]
    paths = [f"{i:05d}.jpg" for i in range(len(true))]
    return runs.Predictions(
        classes=names, paths=paths, true=np.asarray(true, dtype=np.int64), logits=logits, subset=subset
    )


def random_case(n=200, n_classes=4, seed=0, skill=1.5):
    """Labels (n,) and logits (n, n_classes) that favour the true class by `skill`."""
    random = np.random.default_rng(seed)
    true = random.integers(0, n_classes, n)
    logits = random.normal(size=(n, n_classes))
    logits[np.arange(n), true] += skill
    return true, logits


def _always_wrong():
    true, logits = random_case(60, 3, seed=3)
    logits[np.arange(60), true] -= 100
    return true, logits


def _absent_class():
    true, logits = random_case(80, 5, seed=4)
    true[true == 2] = 1  # class 2 has no images
    logits[:, 4] = -50  # class 4 is never answered
    return true, logits


CASES = {
    "random": random_case(),
    "two classes": random_case(120, 2, seed=1),
    "one class occurs": (np.zeros(30, np.int64), random_case(30, 3, seed=2)[1]),
    "one class is known": (np.zeros(10, np.int64), np.ones((10, 1))),
    "absent class": _absent_class(),
    "always wrong": _always_wrong(),
    "one image": (np.array([1]), np.array([[0.2, 0.9, 0.1]])),
    "one image, wrong": (np.array([0]), np.array([[0.2, 0.9, 0.1]])),
    "1,000 classes": random_case(3000, 1000, seed=5, skill=3),
    "tied scores": (np.arange(40) % 3, np.round(random_case(40, 3, seed=6)[1])),
}


def stored_run(*, seed=0, subsets=("validation", "test"), n=90, groups=False, skill=1.5, dataset="drawn"):
    """A finished run in the workspace with classes a, b, c and `n` images a subset."""
    rows, logits = [], []
    for place, subset in enumerate(subsets):
        true, scores = random_case(n, 3, seed=seed * 10 + place, skill=skill)
        true[:3] = [0, 1, 2]
        logits += list(scores.astype(np.float32))
        rows += [
            {
                "path": f"{'abc'[k]}/{subset}-{i}.png",
                "file": f"/nowhere/{'abc'[k]}/{subset}-{i}.png",
                "label": "abc"[k],
                "class_index": int(k),
                "subset": subset,
                "group": f"{subset}-{k}-{i // 3 if groups else i}",
                "sha256": f"{subset}-{i}",
            }
            for i, k in enumerate(true)
        ]
    manifest = pd.DataFrame(rows)
    run = runs.create({"dataset": dataset, "split": dataset, "seed": seed}, manifest)
    table = manifest[["path", "subset"]].assign(true=manifest["class_index"], logits=logits)
    workspace.write_table(run.folder / "predictions.parquet", table)
    workspace.write_json(run.folder / "status.json", {"state": "finished"})
    return run
