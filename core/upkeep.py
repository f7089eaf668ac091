"""Renaming and deleting a dataset together with what hangs on it: its splits, and the runs that read it."""

import secrets
import shutil
from typing import Any

from core import runs, workspace
from core.data import building, datasets, identity
from core.errors import DatasetError
from core.split import store


def rename_dataset(old: str, new: str) -> datasets.Dataset:
    """Give a dataset another name; its splits follow, and its runs find it by its id.

    Raises:
        NotFoundError: there is no dataset `old`.
        DatasetError: `new` is taken or no other name, or a run is reading the uploads of `old`.
    """
    datasets.record(old)
    if new == old:
        raise DatasetError(f"The dataset already has the name {old!r}. Give it another one.")
    with building.locked(old), building.locked(new):
        record, place = datasets.record(old), workspace.dataset_folder(new)
        if place.exists():
            raise DatasetError(f"There is already a dataset {new!r}. Choose another name.")
        _check_idle(old, record)
        workspace.dataset_folder(old).rename(place)
        formerly = [*record.get("formerly", []), old]
        workspace.write_json(place / "dataset.json", record | {"name": new, "formerly": formerly})
        for split in store.names(dataset=new):
            store.point_to(split, new)
    return datasets.load(new)


def delete_dataset(name: str) -> None:
    """Remove a dataset with its uploads, its edits and its splits; a linked folder is never touched.

    Raises:
        NotFoundError: there is none.
    """
    with building.locked(name):
        datasets.record(name)
        for split in store.names(dataset=name):
            store.forget(split)
        # Renamed first, so that no reader meets a half deleted dataset.
        doomed = workspace.home() / "datasets" / f".deleted-{secrets.token_hex(4)}"
        workspace.dataset_folder(name).rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def _check_idle(name: str, record: dict[str, Any]) -> None:
    """Refuse to move uploaded images while a run reads them."""
    if all(part["kind"] == "folder" for part in record["parts"]):
        return
    owner = identity.of(name)
    mine = [run for run in runs.all_runs() if owner.owns(run.config())]
    busy = [run.id for run in mine if run.state() in ("queued", "running")]
    if busy:
        raise DatasetError(
            f"Run {busy[0]} is learning from the images of {name!r} right now. Rename it when that has "
            "ended, or cancel the run."
        )
