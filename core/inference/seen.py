"""Whether an image is one that the run has seen: then its answer says nothing about new images."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from core import runs, workspace


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One image of a run's manifest: where it lies in the dataset, its label, and its subset."""

    path: str
    label: str
    subset: str


def find(run: runs.Run, file: Path) -> Seen | None:
    """The image of the run with the very bytes of `file`; None where there is none, or no such file.

    Of several, one of the training subset. A copy that was saved anew has other bytes and is not known again.
    """
    try:
        with open(file, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
    table = workspace.read_table(run.folder / "manifest.parquet")
    rows = table[table["sha256"] == digest].sort_values("subset", key=lambda names: names != "train")
    if rows.empty:
        return None
    first = rows.iloc[0]
    return Seen(path=str(first["path"]), label=str(first["label"]), subset=str(first["subset"]))
