"""Where the images of a run lie today: datasets are renamed, and their folders move."""

import os
from collections.abc import Mapping
from typing import Any

import pandas as pd

from core import paths, workspace
from core.data import identity, parts


def today(manifest: pd.DataFrame, config: Mapping[str, Any]) -> pd.DataFrame:
    """A run's manifest with its `file` column led to where the dataset has its files now.

    Where the dataset was deleted, or a folder of it is not there, the files stay as the run noted them down.
    """
    found = identity.find(config)
    if found is None or "file" not in manifest:
        return manifest
    folder = workspace.dataset_folder(found.name)
    known = workspace.read_json(folder / "dataset.json")["parts"]
    roots = {part["prefix"]: parts.folder_of(part, folder) for part in known}
    there = {prefix: f"{root}{os.sep}" for prefix, root in roots.items() if paths.is_dir(root)}
    later = [prefix for prefix in roots if prefix]  # the first part has none
    files = []
    for path, noted in zip(manifest["path"], manifest["file"], strict=True):
        prefix = next((one for one in later if path.startswith(one)), "")
        root = there.get(prefix)
        files.append(noted if root is None else root + path.removeprefix(prefix).replace("/", os.sep))
    return manifest.assign(file=files)
