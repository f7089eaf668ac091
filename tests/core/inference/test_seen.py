"""An image that the run was made with is known again by its bytes."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from core import runs
from core import workspace as files
from core.data import datasets
from core.inference import seen


@pytest.fixture
def run(workspace: Path, tiny_folder: Path) -> runs.Run:
    table = datasets.add("colours", tiny_folder).table
    subsets = ["train", "validation", "test"] * len(table)
    manifest = table[["path", "label", "sha256"]].assign(
        file=[str(tiny_folder / path) for path in table["path"]],
        class_index=table["label"].astype("category").cat.codes,
        subset=subsets[: len(table)],
        group=None,
    )
    return runs.create({"dataset": "colours"}, manifest)


@pytest.mark.parametrize(("place", "subset"), [(0, "train"), (1, "validation"), (2, "test")])
def test_a_copy_under_another_name_is_known(run: runs.Run, tmp_path: Path, place: int, subset: str) -> None:
    row = run.manifest().iloc[place]
    copy = shutil.copy(row["file"], tmp_path / "holiday.png")
    assert seen.find(run, Path(copy)) == seen.Seen(path=row["path"], label=row["label"], subset=subset)


def test_another_image_and_a_missing_file_are_not(run: runs.Run, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9), (1, 2, 3)).save(tmp_path / "new.png")
    assert seen.find(run, tmp_path / "new.png") is None
    assert seen.find(run, tmp_path / "gone.png") is None


def test_training_wins_where_an_image_is_in_two_subsets(run: runs.Run) -> None:
    table = run.manifest().iloc[1:2]
    both = files.read_table(run.folder / "manifest.parquet").iloc[1:2]
    twice = both.loc[both.index.repeat(2)].assign(subset=["validation", "train"])
    files.write_table(run.folder / "manifest.parquet", twice)
    found = seen.find(run, Path(table["file"].iloc[0]))
    assert found is not None and found.subset == "train"
