"""Who a dataset is, whatever it is called: runs and splits know it by its id, so that it may be renamed."""

import contextlib
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core import workspace
from core.errors import WorkspaceError


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What tells a dataset from all others, also from a later one of the same name.

    created: ISO 8601, UTC. formerly: names that it bore before.
    """

    id: str
    name: str
    created: str
    formerly: tuple[str, ...] = ()

    def owns(self, record: Mapping[str, Any]) -> bool:
        """Whether a run's configuration or a split's record speaks of this dataset.

        Older records have no `dataset_id`: they mean the dataset that bore the name when they were made.
        """
        if record.get("dataset_id"):
            return record["dataset_id"] == self.id
        seconds = len("2000-01-01T00:00:00")  # older times are no finer
        made = str(record.get("created", ""))[:seconds]
        return record.get("dataset") in (self.name, *self.formerly) and self.created[:seconds] <= made


def fresh() -> str:
    """An id for a new dataset."""
    return secrets.token_hex(8)


def completed(meta: dict[str, Any]) -> dict[str, Any]:
    """The content of a dataset.json, with an id where it is older than ids: always the same one."""
    if "id" in meta:
        return meta
    return meta | {"id": hashlib.sha256(f"{meta['name']}\0{meta['created']}".encode()).hexdigest()[:16]}


def fingerprint(table: pd.DataFrame) -> str:
    """What the images and labels of a dataset's table come to: equal where nothing that counts differs.

    An edit that is taken back leaves it as it was, though the version has grown.
    """
    columns = table[["path", "label", "group", "subset", "sha256"]].astype(object)
    text = columns.where(columns.notna(), None).to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def of(name: str) -> Identity:
    """The identity of the dataset that bears this name.

    Raises:
        NotFoundError: there is none.
    """
    meta = completed(workspace.read_json(workspace.dataset_folder(name) / "dataset.json"))
    return Identity(
        id=meta["id"], name=name, created=meta["created"], formerly=tuple(meta.get("formerly", ()))
    )


def find(record: Mapping[str, Any]) -> Identity | None:
    """The dataset that a run's configuration or a split's record speaks of; None if it was deleted."""
    parent = workspace.home() / "datasets"
    others = sorted(path.parent.name for path in parent.glob("*/dataset.json") if path.parent.name[0] != ".")
    for name in dict.fromkeys([str(record.get("dataset", "")), *others]):  # most were never renamed
        with contextlib.suppress(WorkspaceError):  # no such name, or another dataset is damaged
            if (one := of(name)).owns(record):
                return one
    return None
