"""Edits of a dataset: applied to its table, undone, refused with a sentence; the files stay as they are."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from core.data import datasets, drafts, edits
from core.errors import DatasetError


def test_edits_stay_when_something_comes_to_lie_beside_the_folder_that_wraps(
    workspace: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    wrapped = tmp_path / "outer" / "pets"
    wrapped.parent.mkdir()
    tiny_folder.rename(wrapped)
    first = datasets.add("pets", tmp_path / "outer")
    drafts.exclude("pets", ["red/00.png"])
    for name in ("more/1.png", "loose.png", "labels.csv", "README.md"):
        (tmp_path / "outer" / name).parent.mkdir(exist_ok=True)
        shutil.copy(wrapped / "red" / "01.png", tmp_path / "outer" / name)
    again = datasets.refresh("pets")
    assert again.table["path"].tolist() == first.table["path"].tolist()[:24] + [
        f"red/{number:02d}.png" for number in range(1, 12)
    ]
    assert again.counts["red"] == 11 and again.excluded["path"].tolist() == ["red/00.png"]
    assert again.set_aside["path"].tolist() == ["labels.csv", "loose.png", "more/1.png"]
    assert all("lies outside pets" in reason for reason in again.set_aside["reason"])
    # When nothing lies where it lay, the folder is looked at with fresh eyes.
    shutil.rmtree(wrapped)
    (tmp_path / "outer" / "cat").mkdir()
    shutil.copy(tmp_path / "outer" / "loose.png", tmp_path / "outer" / "cat" / "1.png")
    for name in ("labels.csv", "loose.png", "README.md"):
        (tmp_path / "outer" / name).unlink()
    assert datasets.refresh("pets").counts == {"cat": 1, "more": 1}


def test_edits_are_undone_survive_reindexing_and_are_exported(workspace: Path, tiny_folder: Path) -> None:
    before = datasets.add("tiny", tiny_folder)
    drafts.exclude("tiny", ["red/00.png"])
    drafts.relabel("tiny", ["red/01.png", "red/02.png"], "green")
    drafts.rename_class("tiny", "blue", "green")
    edited = datasets.load("tiny")
    assert edited.counts == {"green": 26, "red": 9} and edited.version == before.version + 3
    assert edited.excluded["path"].tolist() == ["red/00.png"]
    Image.new("RGB", (9, 9), "red").save(tiny_folder / "red" / "extra.png")
    assert datasets.refresh("tiny").counts == {"green": 26, "red": 10}
    exported = edits.table("tiny").set_index("path")
    assert exported.loc["red/01.png"].tolist() == ["red", "green"]
    assert exported.loc["red/00.png", "after"] is None and len(exported) == 15
    drafts.undo("tiny")
    assert datasets.load("tiny").counts == {"blue": 12, "green": 14, "red": 10}
    first = edits.standing(edits.log(edited.folder))[0]
    drafts.undo("tiny", first["id"])
    drafts.undo("tiny")
    assert datasets.load("tiny").counts == {"blue": 12, "green": 12, "red": 13}
    with pytest.raises(DatasetError, match="no edit"):
        drafts.undo("tiny")


def test_edits_name_what_is_wrong_with_them(workspace: Path, tiny_folder: Path) -> None:
    dataset = datasets.add("tiny", tiny_folder)
    with pytest.raises(DatasetError, match=r"'nope\.png' is not"):
        drafts.exclude("tiny", ["nope.png"])
    with pytest.raises(DatasetError, match="every image"):
        drafts.exclude("tiny", dataset.table["path"].tolist())
    with pytest.raises(DatasetError, match="cannot be a label"):
        drafts.relabel("tiny", ["red/00.png"], " ")
    with pytest.raises(DatasetError, match="no class 'pink'"):
        drafts.rename_class("tiny", "pink", "red")
    assert edits.log(dataset.folder) == []


def test_of_copies_the_largest_is_kept(workspace: Path, tiny_folder: Path) -> None:
    with Image.open(tiny_folder / "red" / "00.png") as image:
        image.resize((80, 64)).save(tiny_folder / "red" / "large.png")
    datasets.add("tiny", tiny_folder)
    drafts.keep_one("tiny", ["red/00.png", "red/large.png"])
    assert datasets.load("tiny").excluded["path"].tolist() == ["red/00.png"]
