"""A run evaluated on another dataset of labelled images: each one answered, and the logits kept with the run.

`python -m core.inference.evaluate RUN DATASET` does it where a page has asked for it.
"""

import datetime
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import paths, runs, workspace
from core import progress as progress_module
from core.data import datasets, identity
from core.errors import FieldguideError, InferenceError
from core.inference import predictor
from core.metrics import evaluations, openings


def evaluate(
    run_id: str, name: str, *, via: str = "page", progress: progress_module.Progress | None = None
) -> dict[str, Any]:
    """Answer for every image of dataset `name`, keep the answers with the run, return its record.

    Images of classes that the run does not know are answered, too, but judged by no figure. Images that are
    in the run's own test subset make this an opening of the test result (`via` says where).

    Raises:
        NotFoundError: there is no such run or dataset.
        InferenceError: the run has no model yet, or the dataset no readable image of a class that it knows.
    """
    run, dataset = runs.load(run_id), datasets.load(name)
    model = predictor.load(run_id)
    labels = set(dataset.table["label"]) & set(model.classes)
    if not labels:
        raise InferenceError(
            f"The run knows {_some(model.classes)}; dataset {name!r} has images of {_some(dataset.classes)}. "
            "Evaluate it on a dataset that shares at least one class name with it."
        )
    with evaluations.work(run, name).doing() as tell:
        table, unreadable = _answered(model, dataset, progress_module.both(progress, tell))
        table = _known_as(table, run)
        if (table["true"] < 0).all():
            raise InferenceError(f"No image of {', '.join(sorted(labels))} in dataset {name!r} can be read.")
        found = _record(run, dataset, table, unreadable)
        workspace.write_table(evaluations.file(run, name), table)
        workspace.write_json(evaluations.aside(run, name) / "record.json", found)
        if found["n_known"].get("test"):
            openings.write(run, openings.entry(run, via=f"{via}, evaluate"))
    return found


def _answered(
    model: predictor.Predictor, dataset: datasets.Dataset, report: progress_module.Progress
) -> tuple[pd.DataFrame, int]:
    """One row per readable image, and how many could not be read."""
    rows, total = dataset.table, len(dataset.table)
    place = {label: k for k, label in enumerate(model.classes)}
    found: list[dict[str, Any]] = []
    answers = model.stream(dataset.files(rows["path"].tolist()))
    for done, (row, answer) in enumerate(zip(rows.to_dict("records"), answers, strict=True), start=1):
        report(done, total, "Answering")
        if answer.error is None:
            found.append(
                {name: row.get(name) for name in ("path", "label", "group", "sha256")}
                | {
                    "true": place.get(row["label"], -1),
                    "logits": np.array(answer.logits, np.float32),
                    "unlike": None if answer.distance is None else answer.unknown_because == "unlike",
                }
            )
    columns = ["path", "label", "group", "sha256", "true", "logits", "unlike"]
    return pd.DataFrame(found, columns=columns), total - len(found)


def _known_as(table: pd.DataFrame, run: runs.Run) -> pd.DataFrame:
    """With a column for the subset of the run that has the very same image."""
    manifest = run.manifest().drop_duplicates("sha256").set_index("sha256")["subset"]
    return table.assign(known_as=manifest.reindex(table["sha256"]).astype(object).to_numpy())


def _record(run: runs.Run, dataset: datasets.Dataset, table: pd.DataFrame, unreadable: int) -> dict[str, Any]:
    judged, others = table[table["true"] >= 0], table[table["true"] < 0]
    present = set(judged["label"])
    return {
        "run": run.id,
        "dataset": dataset.name,
        "dataset_version": dataset.version,
        "dataset_content": identity.fingerprint(dataset.table),
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "model": evaluations.model_written(run),
        "n_images": len(judged),
        "n_unreadable": unreadable,
        "n_unlike": None if judged["unlike"].isna().all() else int(judged["unlike"].eq(True).sum()),
        "n_known": dict(Counter(judged["known_as"].dropna())),
        "missing_classes": [label for label in run.classes() if label not in present],
        "unknown_classes": dict(sorted(Counter(others["label"]).items())),
    }


def _some(labels: list[str]) -> str:
    return ", ".join(labels[:6]) + (f" and {len(labels) - 6} more" if len(labels) > 6 else "")


def dataset_of(source: str, *, progress: progress_module.Progress | None = None) -> str:
    """The dataset that `source` names; a folder, archive or table is taken in under a name of its own first.

    A folder that has been taken in before is looked at again.

    Raises:
        InferenceError: there is neither such a dataset nor such a path.
        DatasetError: nothing usable was found there.
    """
    path = paths.expanded(source)
    if "/" not in source and datasets.exists(source):
        return source
    if not paths.exists(path):
        known = ", ".join(datasets.names()) or "none yet"
        raise InferenceError(
            f"There is no dataset and no folder, archive or table {source!r}. Datasets: {known}."
        )
    name = datasets.source_name(path.resolve())
    for number in range(1, 1000):
        free = name if number == 1 else f"{name[:58]}-{number}"
        if not datasets.exists(free):
            return datasets.add(free, path.resolve(), progress=progress).name
        if _comes_from(free, path.resolve()):
            return datasets.refresh(free, progress=progress).name
    raise InferenceError(f"Too many datasets are called {name!r}; delete some.")


def _comes_from(name: str, path: Path) -> bool:
    found = datasets.load(name).source["parts"]
    return len(found) == 1 and datasets.load(name).root == path and path.is_dir()


def main(arguments: list[str]) -> int:
    """Evaluate the run on the dataset; what happens is told in files (see `core.asked`)."""
    run_id, name = arguments
    try:
        evaluate(run_id, name)
    except FieldguideError as error:
        evaluations.work(runs.load(run_id), name).tell(state="failed", message=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
