"""Datasets are renamed and deleted, and their splits and runs follow."""

import json
import shutil
from pathlib import Path

import pytest

from core import runs, upkeep
from core import workspace as files
from core.data import datasets, identity
from core.errors import DatasetError, NotFoundError
from core.split import store
from core.split.config import SplitConfig
from core.training import config as configs
from core.training import jobs


def run_on(dataset: str, split: str, **status: object) -> runs.Run:
    """A run that was prepared, and ended without a worker."""
    run = jobs.prepare(configs.TrainingConfig(dataset=dataset, split=split))
    files.write_json(run.folder / "status.json", {"state": "finished"} | status)
    return run


def test_rename_and_delete_take_the_splits_along(workspace: Path, tiny_folder: Path) -> None:
    dataset = datasets.add("tiny", tiny_folder)
    store.make("s", dataset, SplitConfig())
    upkeep.rename_dataset("tiny", "small")
    assert datasets.names() == ["small"] and store.load("s").dataset == "small"
    upkeep.delete_dataset("small")
    assert datasets.names() == [] and store.names() == [] and (tiny_folder / "red").is_dir()


def test_a_runs_images_are_found_after_relinking_and_renaming(
    workspace: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    store.make("s", datasets.add("tiny", tiny_folder), SplitConfig())
    run = run_on("tiny", "s")
    noted = run.manifest()["file"].tolist()
    moved = tiny_folder.rename(tmp_path / "moved")
    assert run.manifest()["file"].tolist() == noted  # nothing else is known of them
    datasets.relink("tiny", moved)
    upkeep.rename_dataset("tiny", "small")
    assert all(Path(file).is_relative_to(moved) and Path(file).is_file() for file in run.manifest()["file"])
    assert run.dataset() == "small" and store.used_by("s") == [run.id]
    assert jobs.again(run.id).dataset == jobs.longer(run.id, 3).dataset == "small"
    again = jobs.prepare(jobs.again(run.id))
    assert again.manifest()["file"].tolist() == run.manifest()["file"].tolist()
    upkeep.delete_dataset("small")
    assert run.dataset() is None and run.manifest()["file"].tolist() == noted


def test_uploads_may_be_renamed_when_no_run_is_reading_them(
    workspace: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    archive = shutil.make_archive(str(tmp_path / "tiny"), "zip", tiny_folder)
    store.make("s", datasets.add("tiny", Path(archive)), SplitConfig())
    run = run_on("tiny", "s", state="running")
    with files.lock(run.lock_path), pytest.raises(DatasetError, match=f"Run {run.id} is learning"):
        upkeep.rename_dataset("tiny", "small")
    files.write_json(run.folder / "status.json", {"state": "finished"})
    upkeep.rename_dataset("tiny", "small")
    assert all(Path(file).is_file() for file in run.manifest()["file"])


def test_another_dataset_of_the_old_name_is_not_taken_for_it(workspace: Path, tiny_folder: Path) -> None:
    store.make("s", datasets.add("tiny", tiny_folder), SplitConfig())
    run = run_on("tiny", "s")
    upkeep.rename_dataset("tiny", "small")
    datasets.add("tiny", tiny_folder)
    assert run.dataset() == "small"
    upkeep.delete_dataset("small")
    assert run.dataset() is None


def test_datasets_and_runs_older_than_ids_are_known_by_name_and_time(
    workspace: Path, tiny_folder: Path
) -> None:
    """As an earlier version left them: no id in dataset.json, none in config.json."""
    store.make("s", datasets.add("tiny", tiny_folder), SplitConfig())
    place = workspace / "datasets" / "tiny" / "dataset.json"
    old = json.loads(place.read_text())
    del old["id"]
    place.write_text(json.dumps(old | {"created": "2020-01-01T00:00:00+00:00"}))
    run = runs.create({"dataset": "tiny", "split": "s"}, store.load("s").table.assign(class_index=0))
    first = datasets.load("tiny").id
    assert datasets.load("tiny").id == first and run.dataset() == "tiny"
    upkeep.rename_dataset("tiny", "small")
    assert datasets.load("small").id == first and run.dataset() == "small"
    config = run.config() | {"created": "2019-01-01T00:00:00+00:00"}
    assert identity.find(config) is None  # made before there was this dataset


def test_the_same_name_again_is_said_to_be_the_same(workspace: Path, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    with pytest.raises(DatasetError, match="already has the name 'tiny'"):
        upkeep.rename_dataset("tiny", "tiny")
    with pytest.raises(NotFoundError):
        upkeep.rename_dataset("nope", "nope")


def test_a_damaged_neighbour_hides_nobody(workspace: Path, tiny_folder: Path) -> None:
    store.make("s", datasets.add("tiny", tiny_folder), SplitConfig())
    run = run_on("tiny", "s")
    upkeep.rename_dataset("tiny", "zebra")
    (workspace / "datasets" / "bad").mkdir()
    (workspace / "datasets" / "bad" / "dataset.json").write_text("{torn")
    assert run.dataset() == "zebra"
