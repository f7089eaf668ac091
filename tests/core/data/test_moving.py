"""A dataset whose folders have moved is relinked, one part after the other."""

import shutil
from pathlib import Path

import pytest

from core.data import datasets, drafts
from core.errors import DatasetError


@pytest.fixture
def two_parts(workspace: Path, tiny_folder: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Dataset "tiny" of two linked folders, which are returned."""
    second = tmp_path / "second"
    shutil.copytree(tiny_folder / "red", second / "violet")
    datasets.add("tiny", tiny_folder)
    datasets.extend("tiny", second)
    return tiny_folder, second


def test_whichever_part_moved_is_the_one_that_is_relinked(
    two_parts: tuple[Path, Path], tmp_path: Path
) -> None:
    before = datasets.load("tiny")
    moved = two_parts[1].rename(tmp_path / "moved")
    assert [place.there for place in datasets.load("tiny").places] == [True, False]
    after = datasets.relink("tiny", moved)
    assert after.file("added-2/violet/03.png") == moved / "violet" / "03.png"
    assert after.file("red/03.png") == two_parts[0] / "red" / "03.png"
    assert after.table.equals(before.table) and after.version == before.version


def test_several_parts_that_moved_are_relinked_one_after_the_other(
    two_parts: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = (part.rename(tmp_path / f"moved-{part.name}") for part in two_parts)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match=r"none of the dataset's 36 images of .*12 images of"):
        datasets.relink("tiny", tmp_path / "empty")
    half = datasets.relink("tiny", second)
    assert [place.there for place in half.places] == [False, True]
    whole = datasets.relink("tiny", first)
    assert all(place.there for place in whole.places)
    assert all(file.is_file() for file in whole.files(whole.table["path"]))


def test_uploads_cannot_be_relinked(workspace: Path, tiny_folder: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "tiny"), "zip", tiny_folder)
    datasets.add("tiny", Path(archive))
    with pytest.raises(DatasetError, match="only uploaded files"):
        datasets.relink("tiny", tiny_folder)


def test_a_moved_folder_is_relinked(workspace: Path, tiny_folder: Path, tmp_path: Path) -> None:
    datasets.add("tiny", tiny_folder)
    drafts.exclude("tiny", ["red/00.png"])
    moved = tiny_folder.rename(tmp_path / "moved")
    with pytest.raises(DatasetError, match="relink"):
        datasets.refresh("tiny")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="none of the dataset's 36 images"):
        datasets.relink("tiny", tmp_path / "empty")
    dataset = datasets.relink("tiny", moved)
    assert dataset.file("red/01.png") == moved / "red" / "01.png" and dataset.counts["red"] == 11
