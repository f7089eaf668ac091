"""Edits are checked before any is written; exclusions end one by one; copies are not settled blindly."""

from pathlib import Path

import pytest
from PIL import Image

from core.data import datasets, drafts, edits
from core.errors import DatasetError


@pytest.fixture
def tiny(workspace: Path, tiny_folder: Path) -> str:
    """With red/00 also as a smaller red copy, and as a blue one."""
    with Image.open(tiny_folder / "red" / "00.png") as image:
        image.resize((20, 16)).save(tiny_folder / "red" / "small.png")
        image.save(tiny_folder / "blue" / "wrong.png")
    datasets.add("tiny", tiny_folder)
    return "tiny"


def test_a_draft_that_fails_has_written_nothing(tiny: str) -> None:
    draft = drafts.Draft(tiny)
    draft.exclude(["red/01.png"])
    with pytest.raises(DatasetError, match=r"'nope\.png' is not in .*dataset show tiny --paths"):
        draft.relabel(["nope.png"], "blue")
    assert edits.log(draft.folder) == []
    draft.write()
    assert [edit["action"] for edit in edits.log(draft.folder)] == ["exclude"]


def test_each_edit_is_checked_against_those_before_it(tiny: str) -> None:
    draft = drafts.Draft(tiny)
    draft.relabel(["red/01.png"], "violet")
    draft.rename_class("violet", "purple")
    draft.exclude(["red/02.png"])
    with pytest.raises(DatasetError, match=r"'red/02\.png' was left out of dataset 'tiny'.*--include red/02"):
        draft.relabel(["red/02.png"], "blue")
    draft.undo()
    draft.relabel(["red/02.png"], "blue")
    draft.write()
    labels = datasets.load(tiny).table.set_index("path")["label"]
    assert (labels["red/01.png"], labels["red/02.png"]) == ("purple", "blue")


def test_an_image_comes_in_again_without_taking_back_what_came_after(tiny: str) -> None:
    drafts.exclude(tiny, ["red/01.png", "red/02.png"])
    drafts.relabel(tiny, ["red/03.png"], "blue")
    again = drafts.include(tiny, ["red/01.png"])
    after = datasets.load(tiny)
    assert after.excluded["path"].tolist() == ["red/02.png"]
    assert after.table.set_index("path")["label"]["red/03.png"] == "blue"
    assert edits.in_words(again) == "red/01.png taken in again"
    drafts.undo(tiny)
    assert datasets.load(tiny).excluded["path"].tolist() == ["red/01.png", "red/02.png"]
    with pytest.raises(DatasetError, match=r"'red/05\.png' is no image that was left out"):
        drafts.include(tiny, ["red/05.png"])


def test_the_copy_to_keep_can_be_named(tiny: str) -> None:
    drafts.keep_one(tiny, ["red/00.png", "red/small.png"], "red/small.png")
    assert datasets.load(tiny).excluded["path"].tolist() == ["red/00.png"]
    with pytest.raises(DatasetError, match="keep one of them"):
        drafts.keep_one(tiny, ["red/01.png", "red/02.png"], "red/03.png")


def test_copies_with_several_labels_are_not_settled_by_size(tiny: str) -> None:
    torn, agreeing = ["blue/wrong.png", "red/00.png"], ["red/00.png", "red/small.png"]
    with pytest.raises(DatasetError, match=r"several labels \(blue, red\) are not settled by size"):
        drafts.keep_one(tiny, torn)
    drafts.keep_one_of_each(tiny, [torn, agreeing])
    assert datasets.load(tiny).excluded["path"].tolist() == ["red/small.png"]
    drafts.keep_one(tiny, torn, "red/00.png")  # said by a person
    assert datasets.load(tiny).excluded["path"].tolist() == ["blue/wrong.png", "red/small.png"]
