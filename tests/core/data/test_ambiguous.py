"""Images that a person could not tell apart: known by content, kept with the dataset, and undone."""

import pytest

from core.data import ambiguous, datasets
from core.errors import NotFoundError


def test_a_mark_stays_with_the_images_content_and_can_be_taken_back(workspace, tiny_folder):
    dataset = datasets.add("tiny", tiny_folder)
    first, second = dataset.table["sha256"][:2]
    version = datasets.version("tiny")
    ambiguous.mark("tiny", [first, second])
    (tiny_folder / dataset.table["path"][0]).rename(tiny_folder / "red" / "renamed.png")
    datasets.refresh("tiny")
    assert ambiguous.marked("tiny") == {first, second}
    ambiguous.mark("tiny", [first], ambiguous=False)
    assert ambiguous.marked("tiny") == {second}
    ambiguous.mark("tiny", [first])
    assert ambiguous.marked("tiny") == {first, second}
    assert datasets.version("tiny") == version + 1  # by the refresh: a mark is no edit


def test_without_its_dataset_there_is_nothing_to_mark(workspace):
    with pytest.raises(NotFoundError, match="no dataset 'gone'"):
        ambiguous.mark("gone", ["x"])
    assert ambiguous.marked("gone") == set()
