"""The cache of features: a folder for each backbone, weights and transform; a row for each image's content.

Each extraction adds a shard: `<id>.npy` (n, n_features) float32, and `<id>.json`, the SHA-256 of each
row's image, written last. Shards are never changed, so that readers and writers need no lock.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import workspace
from core.errors import WorkspaceError


def folder(key: dict[str, object]) -> Path:
    """Where the features lie that `key`, everything that decides them but the images, describes."""
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:24]
    place = workspace.cache_folder("features") / digest
    if not (place / "key.json").exists():
        workspace.write_json(place / "key.json", key)
    return place


def fetch(place: Path, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """The features, (n_features,) each, of those images that are there; a damaged shard is left out."""
    wanted = set(hashes)
    found: dict[str, NDArray[np.float32]] = {}
    for index in sorted(place.glob("*.shard.json")):
        if len(found) == len(wanted):
            break
        found |= _from_shard(index, wanted)
    return found


def keep(place: Path, hashes: Sequence[str], rows: NDArray[np.float32]) -> None:
    """Add the features (n, n_features) of `n` images."""
    name = uuid.uuid4().hex
    with workspace.replacing(place / f"{name}.npy") as temporary, open(temporary, "wb") as file:
        np.save(file, rows)
    workspace.write_json(place / f"{name}.shard.json", list(hashes))


def _from_shard(index: Path, wanted: set[str]) -> dict[str, NDArray[np.float32]]:
    try:
        names = workspace.read_json(index)
        rows = np.load(index.with_name(index.name.replace(".shard.json", ".npy")), mmap_mode="r")
        if len(rows) != len(names):
            return {}
        return {name: np.array(rows[i]) for i, name in enumerate(names) if name in wanted}
    except (OSError, ValueError, WorkspaceError):
        return {}  # half deleted or torn: it is computed again
