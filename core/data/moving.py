"""Where the files of a dataset lie, and saying where they lie now that they have moved."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core import paths, workspace
from core.data import building, parts
from core.errors import DatasetError
from core.progress import Progress


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a part's files lie: a folder of the person's (linked) or one in the workspace; is it there?"""

    folder: Path
    linked: bool
    there: bool


def places(all_parts: list[parts.Part], folder: Path) -> list[Place]:
    """Where every part lies; `folder` is the dataset's own."""
    found = []
    for part in all_parts:
        linked, base = part["kind"] == "folder", folder / part["folder"]
        found.append(Place(folder=base, linked=linked, there=paths.is_dir(base)))
    return found


def missing(all_parts: list[parts.Part], folder: Path) -> list[Path]:
    """The linked folders that are not there any more."""
    return [place.folder for place in places(all_parts, folder) if place.linked and not place.there]


def relink(name: str, meta: dict[str, Any], folder: Path, progress: Progress) -> None:
    """Say where the moved folder of one part lies now, and index anew unless another is still missing.

    `meta` is the content of dataset.json.

    Raises:
        DatasetError: no part is a linked folder, or the new place holds none of the images.
    """
    own = workspace.dataset_folder(name)
    known = workspace.read_table(own / "table.parquet")["path"]
    meta = meta | {"parts": _relinked(meta["parts"], own, folder, known)}
    if missing(meta["parts"], own):
        workspace.write_json(own / "dataset.json", meta)
    else:
        building.index(meta, own, progress)


def _relinked(all_parts: list[parts.Part], own: Path, folder: Path, known: pd.Series) -> list[parts.Part]:
    """The parts, with the linked folder moved that has most of its images in `folder`.

    Missing folders are tried first, and others only where none is missing. `own` is the dataset's folder,
    `known` its paths.
    """
    linked = [number for number, part in enumerate(all_parts) if part["kind"] == "folder"]
    if not linked:
        raise DatasetError("Only a linked folder can be relinked; this dataset has only uploaded files.")
    gone = [number for number in linked if not paths.is_dir(own / all_parts[number]["folder"])]
    moved = {"folder": str(paths.expanded(folder).absolute())}
    inside, hits = {}, {}
    for number in gone or linked:
        part = all_parts[number] | moved
        inside[number] = _own_paths(all_parts, number, known)
        inner = parts.folder_of(part, own)
        hits[number] = sum(paths.is_file(inner / path) for path in inside[number])
    best = max(hits, key=lambda number: hits[number])
    if not hits[best]:
        said = [f"{len(inside[number])} images of {all_parts[number]['folder']}" for number in hits]
        raise DatasetError(
            f"{folder} holds none of the dataset's {' and none of its '.join(said)}. Name the folder they "
            "moved to."
        )
    return [part | moved if number == best else part for number, part in enumerate(all_parts)]


def _own_paths(all_parts: list[parts.Part], number: int, known: pd.Series) -> list[str]:
    """The paths of one part, as they are within its folder."""
    if number:
        prefix = all_parts[number]["prefix"]
        return known[known.str.startswith(prefix)].str.removeprefix(prefix).tolist()
    later = tuple(part["prefix"] for part in all_parts[1:])
    return known[~known.str.startswith(later)].tolist() if later else known.tolist()
