"""Trials: a split and a run for each seed, judged on its test images; what is finished is not done again.

Every finished figure lies in the workspace's `finished.json`, so that a benchmark with `--home` that was
interrupted goes on where it stood.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import common
from core import upkeep
from core.data import datasets
from core.metrics import intervals

FINISHED = "finished.json"


def kept(home: Path, asked: Sequence[object], compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `compute` returned for `asked` in this workspace, now or earlier; files count by their content."""
    place, key = home / FINISHED, json.dumps([_word(one) for one in asked])
    if key not in (known := _read(place)):
        found = compute()
        known = _read(place) | {key: found}
        temporary = place.with_suffix(".part")
        temporary.write_text(json.dumps(known, indent=1))
        temporary.replace(place)
    return known[key]


def _read(place: Path) -> dict[str, Any]:
    return json.loads(place.read_text()) if place.exists() else {}


def _word(asked: object) -> str:
    path = Path(str(asked))
    if path.is_absolute() and path.is_file():
        return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
    return str(asked)


def few(home: Path, source: Path, most: int | None) -> Path:
    """A folder of class folders, or a copy with the first `most` images of each class.

    Raises:
        SystemExit: there is no such folder.
    """
    if not source.is_dir():
        raise SystemExit(f"{source} is no folder: name one that holds a folder of images for each class.")
    if most is None:
        return source
    shorter = home / "images" / f"{source.name}-{most}"
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        (shorter / folder.name).mkdir(parents=True, exist_ok=True)
        for file in sorted(folder.iterdir())[:most]:
            shutil.copyfile(file, shorter / folder.name / file.name)
    return shorter


def dataset(home: Path, source: Path, most: int | None = None) -> str:
    """Add a folder, or the first `most` images of each of its classes; returns the dataset's name."""
    folder = few(home, source, most)
    common.dataset(home, folder.name, folder)
    return folder.name


def forget(name: str) -> None:
    """Let go of a dataset of an earlier call, so that adding it can be measured."""
    if name in datasets.names():
        upkeep.delete_dataset(name)


def trial(home: Path, dataset: str, seed: int, *options: object) -> dict[str, Any]:
    """Split with `seed`, train with `seed`, judge on test.

    Returns accuracy, macro_f1 and per_class of the test images, n_images, seconds (from the command to its
    return), run, and peak_bytes of the process that trained.
    """
    name = common.split(home, f"{dataset}-{seed}", dataset, seed)
    asked = ["--dataset", dataset, "--split", name, "--seed", seed, *options]

    def compute() -> dict[str, Any]:
        start = time.perf_counter()
        trained = common.fieldguide(home, "train", *asked)
        seconds = time.perf_counter() - start
        judged = common.fieldguide(home, "metrics", trained["run"], "--subset", "test")
        figures = {key: judged[key] for key in ("accuracy", "macro_f1", "per_class", "n_images")}
        common.heard(f"{' '.join(map(str, options))}, seed {seed}: {figures['accuracy']:.3f}")
        return figures | {"seconds": seconds, "run": trained["run"], "peak_bytes": trained["peak_bytes"]}

    return kept(home, ["train", *asked], compute)


def pooled(found: Sequence[dict[str, Any]]) -> tuple[float, float, float, int]:
    """Accuracy over the test images of all trials together, its Wilson interval, and how many they are.

    The seeds' test sets overlap, so that the interval is a little narrower than independent images' would be.
    """
    n = sum(one["n_images"] for one in found)
    right = round(sum(one["accuracy"] * one["n_images"] for one in found))
    low, high = intervals.wilson(right, n)
    return right / n, float(low), float(high), n


def interval(found: Sequence[dict[str, Any]]) -> str:
    """`low-high` of `pooled`."""
    _, low, high, _ = pooled(found)
    return f"{low:.3f}-{high:.3f}"


def link_split(home: Path, split: str, source: Path, target: Path) -> Path:
    """Lay out a split as torchvision's ImageFolder wants it, with links: target/subset/class/image."""
    table = pd.read_parquet(home / "splits" / f"{split}.parquet")
    rows = zip(table["path"], table["label"], table["subset"], strict=True)
    for number, (path, label, subset) in enumerate(rows):
        folder = target / subset / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:06d}{Path(path).suffix}").symlink_to((source / path).resolve())
    return target
