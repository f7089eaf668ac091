"""How near the sizes came, by hand."""

from pathlib import Path

import pytest

from core.data import datasets
from core.split import sizes, store
from core.split.config import SplitConfig


@pytest.fixture
def tiny(workspace: Path, tiny_folder: Path) -> datasets.Dataset:
    return datasets.add("tiny", tiny_folder)


def test_what_was_asked_stands_beside_what_it_came_to(tiny: datasets.Dataset) -> None:
    split = store.divide("s", tiny, SplitConfig())  # 8, 2 and 2 of each of three classes
    assert [(one.n, round(one.share, 3), one.asked) for one in sizes.of(split)] == [
        (24, 0.667, 0.70),
        (6, 0.167, 0.15),
        (6, 0.167, 0.15),
    ]
    assert sizes.sentence(split) == (
        "You asked for 70 / 15 / 15 %; it came to 66.7 / 16.7 / 16.7 %, at most 1 image off, because every "
        "class is divided in whole images."
    )


def test_groups_are_named_as_the_reason(tiny: datasets.Dataset) -> None:
    split = store.divide(
        "s", tiny, SplitConfig(train=0.6, validation=0.4, test=0.0, group_by=r"pattern:/0[0-7]")
    )
    assert sizes.sentence(split).endswith("8 groups of up to 3 images stay whole.")


def test_exact_sizes_are_said_to_be_exact(tiny: datasets.Dataset) -> None:
    split = store.divide("s", tiny, SplitConfig(train=0.5, validation=0.25, test=0.25))
    assert sizes.sentence(split) == "The sizes are what you asked for, to the image."
