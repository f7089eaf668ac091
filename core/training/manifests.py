"""From a dataset and a split to the table of images that a run is given."""

import pandas as pd

from core.data import datasets
from core.errors import TrainingError
from core.split import store as splits


def make(dataset_name: str, split_name: str) -> pd.DataFrame:
    """The images of a split as a run needs them: path, file, label, class_index, subset, group, sha256.

    Its `attrs["origin"]` says which dataset and split that was, whatever they will be called later.

    Raises:
        TrainingError: the split is not of this dataset, or the dataset has changed since.
    """
    dataset, split = datasets.load(dataset_name), splits.load(split_name)
    if split.dataset != dataset_name:
        raise TrainingError(
            f"Split {split_name!r} divides dataset {split.dataset!r}, not {dataset_name!r}. Choose a split "
            "of "
            f"{dataset_name!r}, or make one."
        )
    table = split.table.sort_values("path").reset_index(drop=True)
    today = dataset.table.set_index("path").reindex(table["path"])
    same = (table["label"] == today["label"].to_numpy()) & (table["sha256"] == today["sha256"].to_numpy())
    stale = table[~same]
    if not stale.empty:
        raise TrainingError(
            f"{dataset_name!r} has changed since split {split_name!r} was made: {len(stale)} of its images "
            "are gone, have another label or another content, the first is "
            f"{stale['path'].iloc[0]}. Make the split anew."
        )
    classes = {label: index for index, label in enumerate(split.classes)}
    table["class_index"] = table["label"].map(classes).astype("int64")
    table["file"] = [str(dataset.file(path)) for path in table["path"]]
    chosen = table[["path", "file", "label", "class_index", "subset", "group", "sha256"]].copy()
    chosen.attrs["origin"] = {
        "dataset_id": dataset.id,
        "dataset_version": dataset.version,
        "split_created": split.created,
    }
    return chosen
