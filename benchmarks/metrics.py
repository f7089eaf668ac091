"""How long the figures of a large prediction file take: `python benchmarks/metrics.py`.

50,000 images of 100 classes, as the Metrics page asks for them: read from Parquet, scored, calibrated, with
every interval. Prints one JSON object.
"""

import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

IMAGES, CLASSES = 50_000, 100


def main() -> None:
    """Make a run of that size in a workspace of its own, and time its figures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FIELDGUIDE_HOME"] = folder
        print(json.dumps({"images": IMAGES, "classes": CLASSES} | measure()))


def measure() -> dict[str, float]:
    """Seconds for each step, the first time and when kept."""
    from core.metrics import store

    run = make_run()
    seconds = {}
    for name, step in {
        "read_predictions": lambda: run.predictions("validation"),
        "figures": lambda: store.figures(run),
        "figures_kept": lambda: store.figures(run),
    }.items():
        start = time.perf_counter()
        step()
        seconds[f"{name}_seconds"] = round(time.perf_counter() - start, 3)
    return seconds


def make_run():
    """A finished run with random logits, 74 % right."""
    from core import runs, workspace

    random = np.random.default_rng(0)
    true = random.integers(0, CLASSES, IMAGES)
    logits = random.normal(size=(IMAGES, CLASSES)).astype(np.float32)
    logits[np.arange(IMAGES), true] += 3
    paths = [f"{i:06d}.jpg" for i in range(IMAGES)]
    labels = [f"class {k:03d}" for k in true]
    manifest = pd.DataFrame({"path": paths, "label": labels, "class_index": true, "subset": "validation"})
    run = runs.create({"dataset": "benchmark", "split": "benchmark"}, manifest)
    table = pd.DataFrame({"path": paths, "subset": "validation", "true": true, "logits": list(logits)})
    workspace.write_table(Path(run.folder) / "predictions.parquet", table)
    return run


if __name__ == "__main__":
    main()
