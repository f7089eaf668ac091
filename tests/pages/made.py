"""Runs as a worker would have left them, made without training: for tests of what pages show."""

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import runs, workspace
from core.data import datasets
from core.split import config as split_config
from core.split import store as splits
from core.training import config as configs

DATASET, SPLIT = "colours", "colours-split"
CLASSES = ["blue", "green", "red"]


def dataset_and_split(folder: Path) -> splits.Split:
    """The dataset of `tiny_folder`, divided."""
    return splits.make(SPLIT, datasets.add(DATASET, folder), split_config.SplitConfig())


def run(
    state: str = "finished",
    *,
    name: str | None = None,
    epochs: int = 4,
    done: int = 4,
    asked: configs.TrainingConfig | None = None,
    **status: Any,
) -> runs.Run:
    """A run in `state` with `done` of its `epochs` epochs behind it; a finished one has predictions.

    `asked` is what the person gave, where that matters.
    """
    record = configs.TrainingConfig(
        dataset=DATASET, split=SPLIT, epochs=epochs, image_size=32, name=name
    ).to_dict()
    given = asked.to_dict() if asked else record
    made = runs.create(record | {"asked": given, "dataset_version": 1}, manifest(), name=name)
    for epoch in range(1, done + 1):
        workspace.append_line(made.folder / "history.jsonl", entry(epoch))
    values = {"state": state, "message": state, "epoch": done, "epochs": epochs, "step": 1, "steps": 2}
    values |= {"best_epoch": done or None, "seconds": 12.5, "images_per_second": 40.0}
    values["weights"] = {"kind": "starter", "origin": "Fieldguide's starter weights"}
    workspace.write_json(made.folder / "status.json", values | status)
    if state == "finished":
        predictions(made)
    return made


def manifest(per_class: int = 12) -> pd.DataFrame:
    """Of each class six images for training, four for validation, two for the test."""
    subsets = ["train"] * (per_class - 6) + ["validation"] * 4 + ["test"] * 2
    return pd.DataFrame(
        {
            "path": f"{label}/{index:02d}.png",
            "file": f"{label}/{index:02d}.png",
            "label": label,
            "class_index": place,
            "subset": subset,
            "group": None,
            "sha256": f"{place}-{index}",
        }
        for place, label in enumerate(CLASSES)
        for index, subset in enumerate(subsets)
    )


def entry(epoch: int) -> dict[str, Any]:
    """One line of history.jsonl: better with every epoch."""
    return {
        "epoch": epoch,
        "train_loss": 1 / epoch,
        "train_accuracy": 1 - 0.5 / epoch,
        "validation_loss": 1.2 / epoch,
        "validation_accuracy": 1 - 0.6 / epoch,
        "validation_macro_f1": 1 - 0.62 / epoch,
        "learning_rate": 1e-3,
        "validation_confusion": [[4 - 2 // epoch, 2 // epoch, 0], [0, 4, 0], [0, 0, 4]],
        "samples": [{"path": "red/08.png", "label": "red", "answer": "blue", "probability": 0.6}],
        "seconds": 3.0,
        "images_per_second": 40.0,
    }


def predictions(made: runs.Run, *, subsets: tuple[str, ...] = ("validation", "test")) -> pd.DataFrame:
    """Stored logits, mostly right, the same each time."""
    table = made.manifest().query("subset in @subsets")
    logits = np.random.default_rng(3).normal(0, 1.5, (len(table), len(CLASSES)))
    logits[np.arange(len(table)), table["class_index"]] += 2
    stored = pd.DataFrame(
        {
            "path": table["path"],
            "subset": table["subset"],
            "true": table["class_index"],
            "logits": list(logits.astype(np.float32)),
        }
    )
    workspace.write_table(made.folder / "predictions.parquet", stored)
    return stored


def now(seconds: float = 0) -> str:
    """The time, `seconds` from now, as ISO 8601."""
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)).isoformat()
