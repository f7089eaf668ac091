"""Copies in many sets, put right by one edit."""

from pathlib import Path

import pytest
from PIL import Image

from core import errors
from core.data import datasets, drafts


@pytest.fixture
def copies(workspace: Path, tiny_folder: Path) -> str:
    """A dataset in which blue/00 and green/00 each have a smaller copy and an equal one."""
    for label in ("blue", "green"):
        image = Image.open(tiny_folder / label / "00.png")
        image.resize((20, 16)).save(tiny_folder / label / "00-small.png")
        image.save(tiny_folder / label / "00-zz.png")
    datasets.add("tiny", tiny_folder)
    return "tiny"


def test_the_largest_of_every_set_stays_and_one_undo_brings_all_back(copies: str) -> None:
    sets = [[f"{label}/00-small.png", f"{label}/00.png"] for label in ("blue", "green")]
    drafts.keep_one_of_each(copies, sets)
    left = set(datasets.load(copies).table["path"])
    assert {"blue/00.png", "green/00.png"} <= left
    assert not left & {"blue/00-small.png", "green/00-small.png"}
    drafts.undo(copies)
    assert {path for paths in sets for path in paths} <= set(datasets.load(copies).table["path"])


def test_of_equals_the_first_by_name_stays(copies: str) -> None:
    drafts.keep_one(copies, ["blue/00-zz.png", "blue/00.png"])
    left = set(datasets.load(copies).table["path"])
    assert "blue/00-zz.png" in left  # "00-zz" sorts before "00."
    assert "blue/00.png" not in left


@pytest.mark.parametrize("sets", [[], [["blue/00.png"]], [["blue/00.png", "blue/00.png"]]])
def test_a_set_without_copies_is_refused(copies: str, sets: list[list[str]]) -> None:
    with pytest.raises(errors.DatasetError):
        drafts.keep_one_of_each(copies, sets)
