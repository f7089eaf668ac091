"""What pages keep between script runs: bounded, shared by all visitors, renewed when the files change.

Nobody may change what these return: every visitor holds the same object.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from core import workspace
from core.data import checks, datasets, edits
from core.split import config as split_config
from core.split import store as splits

_DATASET_FILES = ("dataset.json", "table.parquet", "set_aside.parquet", edits.FILE)
Stamp = tuple[tuple[str, int, int], ...]


def stamp(*files: Path) -> Stamp:
    """Name, time and size of each file that exists: a key that changes when one of them does."""
    stats = [(file, file.stat()) for file in files if file.is_file()]
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in stats)


def dataset(name: str) -> datasets.Dataset:
    """The dataset, read again only when one of its files has changed.

    Raises:
        NotFoundError: there is none of that name.
    """
    folder = workspace.dataset_folder(name)
    return _dataset(name, stamp(*(folder / file for file in _DATASET_FILES)))


def split(name: str) -> splits.Split:
    """The split, read again only when one of its files has changed.

    Raises:
        NotFoundError: there is none of that name.
    """
    files = [workspace.split_file(name, suffix) for suffix in (".json", ".parquet")]
    return _split(name, stamp(*files))


@st.cache_resource(max_entries=8, show_spinner=False)
def _dataset(name: str, key: Stamp) -> datasets.Dataset:
    return datasets.load(name)


@st.cache_resource(max_entries=32, show_spinner=False)
def _split(name: str, key: Stamp) -> splits.Split:
    return splits.load(name)


def divided(
    dataset: datasets.Dataset,
    config: split_config.SplitConfig,
    clusters: np.ndarray | None = None,
    named: pd.DataFrame | None = None,
) -> splits.Split:
    """What dividing the dataset so would give, without saving it; `config.features` names the `clusters`,
    `named` is the table of `config.from_table`.

    Raises:
        SplitError: it cannot be divided so.
    """
    settings = json.dumps(config.to_dict(), sort_keys=True)
    rows = "" if named is None else str(pd.util.hash_pandas_object(named).sum())
    return _divided((*_identity(dataset), settings + rows), dataset, config, clusters, named)


def report(
    dataset: datasets.Dataset, clusters: np.ndarray | None = None, basis: str = "hashes"
) -> checks.Report:
    """What is wrong with the dataset, computed once per version; `basis` names the `clusters`."""
    return _report((*_identity(dataset), basis), dataset, clusters)


def _identity(dataset: datasets.Dataset) -> tuple[str, int, str]:
    """What tells one state of one dataset from all others, also from a later one of the same name."""
    return dataset.name, dataset.version, dataset.source["created"]


@st.cache_resource(max_entries=16, show_spinner=False)
def _divided(
    key: tuple[str, int, str, str],
    _dataset: datasets.Dataset,
    _config: split_config.SplitConfig,
    _clusters: np.ndarray | None,
    _named: pd.DataFrame | None,
) -> splits.Split:
    return splits.divide("preview", _dataset, _config, clusters=_clusters, named=_named)


@st.cache_resource(max_entries=8, show_spinner="Looking at every image's figures")
def _report(
    key: tuple[str, int, str, str], _dataset: datasets.Dataset, _clusters: np.ndarray | None
) -> checks.Report:
    return checks.check(_dataset, clusters=_clusters, basis=key[-1])
