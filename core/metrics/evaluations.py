"""A run judged on the images of another dataset: asked for and read without torch.

In the run's folder, `evaluations/`:

    NAME.parquet       path, label, true (-1: not one of the run's classes), logits, sha256, group, known_as
                       (the run's subset that has the image, or None), unlike (anything in training, or None)
    NAME/record.json   what was evaluated, and what was not
    NAME/work-*        while a process of its own works on it
    NAME/metrics*.json the figures, kept by `core.metrics.store`

As a subset of the run it is called "images of NAME", and every view draws it like validation or test.
`core.inference.evaluate` makes it.
"""

from pathlib import Path
from typing import Any

import numpy as np

from core import asked, runs, workspace
from core.errors import MetricsError, NotFoundError

_PREFIX = "images of "
MODULE = "core.inference.evaluate"


def subset(name: str) -> str:
    """What the images of dataset `name` are called as a subset of a run."""
    return f"{_PREFIX}{name}"


def name_of(subset: str) -> str | None:
    """The dataset that such a subset speaks of; None for the run's own subsets."""
    return subset.removeprefix(_PREFIX) if subset.startswith(_PREFIX) else None


def folder(run: runs.Run) -> Path:
    """Where a run keeps its evaluations, whether or not there are any."""
    return run.folder / "evaluations"


def file(run: runs.Run, name: str) -> Path:
    """Where the answers for dataset `name` are kept, whether or not they are there."""
    return folder(run) / f"{workspace.check_name(name)}.parquet"


def aside(run: runs.Run, name: str) -> Path:
    """The folder for what is kept beside the answers for dataset `name`, whether or not it is there."""
    return folder(run) / workspace.check_name(name)


def names(run: runs.Run) -> list[str]:
    """The datasets that the run has been evaluated on, sorted."""
    return sorted(path.stem for path in folder(run).glob("*.parquet"))


def table(run: runs.Run, name: str) -> Any:
    """The answers for dataset `name`, a pandas table.

    Raises:
        MetricsError: the run has not been evaluated on it.
    """
    try:
        return workspace.read_table(file(run, name))
    except NotFoundError:
        raise MetricsError(
            f"Run {run.id} has not been evaluated on {name!r}. Ask for it with "
            f"`python -m core evaluate {run.id} {name}`."
        ) from None


def record(run: runs.Run, name: str) -> dict[str, Any]:
    """What was evaluated: when, dataset, version, classes that were missing, images that were not judged."""
    return workspace.read_json(aside(run, name) / "record.json")


def predictions(run: runs.Run, subset: str) -> runs.Predictions:
    """The stored logits of a subset of the run, or of "images of NAME"; only images of the run's classes.

    Raises:
        TrainingError: the run has none for this subset.
        MetricsError: it has not been evaluated on that dataset.
    """
    name = name_of(subset)
    if name is None:
        return run.predictions(subset)
    rows = table(run, name)
    rows = rows[rows["true"] >= 0]
    return runs.Predictions(
        classes=run.classes(),
        paths=rows["path"].tolist(),
        true=rows["true"].to_numpy(np.int64),
        logits=np.stack(rows["logits"].to_list()).astype(np.float64),  # (n_images, n_classes)
        subset=subset,
    )


def is_current(run: runs.Run, name: str) -> bool:
    """Whether the run still has the model that gave the answers."""
    return record(run, name)["model"] == model_written(run)


def model_written(run: runs.Run) -> list[int]:
    """Size and time of the run's model: another one would answer otherwise."""
    stat = (run.folder / "model.safetensors").stat()
    return [stat.st_size, stat.st_mtime_ns]


def work(run: runs.Run, name: str) -> asked.Work:
    """The evaluation as work that a process of its own can be asked for."""
    return asked.Work(place=aside(run, name) / "work", module=MODULE, arguments=(run.id, name))


def warnings(found: dict[str, Any]) -> list[str]:
    """What a person must know of an evaluation (`record`) before believing its figures; one sentence each."""
    known, said = found["n_known"], []
    if known.get("train"):
        said.append(f"The run was trained on {known['train']:,} of these images: the figures flatter it.")
    if known.get("validation"):
        said.append(f"{known['validation']:,} of these images chose the run's best epoch.")
    if known.get("test"):
        said.append(
            f"{known['test']:,} of these images are of the run's test subset; this counted as an opening."
        )
    if found["unknown_classes"]:
        labels = ", ".join(f"{label} ({n:,})" for label, n in found["unknown_classes"].items())
        said.append(f"Not judged, because the run does not know the class: {labels}.")
    if found["missing_classes"]:
        said.append(f"No image here is of {', '.join(found['missing_classes'])}.")
    if found["n_unreadable"]:
        said.append(f"{found['n_unreadable']:,} images could not be read.")
    if found["n_unlike"]:
        said.append(
            f"{found['n_unlike']:,} of the {found['n_images']:,} judged images are unlike anything in "
            "training."
        )
    return said
