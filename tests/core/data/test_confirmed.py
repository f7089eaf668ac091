"""Labels found right are remembered until the label changes."""

from pathlib import Path

from core.data import confirmed, datasets, drafts


def test_what_was_found_right_is_remembered_with_its_label(workspace: Path, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    confirmed.add("tiny", ["red/01.png", "not/there.png"])
    assert confirmed.labels("tiny") == {"red/01.png": "red"}
    drafts.relabel("tiny", ["red/01.png"], "blue")
    confirmed.add("tiny", ["red/01.png"])
    assert confirmed.labels("tiny") == {"red/01.png": "blue"}


def test_finding_a_label_right_changes_no_version(workspace: Path, tiny_folder: Path) -> None:
    before = datasets.add("tiny", tiny_folder).version
    confirmed.add("tiny", ["red/01.png"])
    assert datasets.version("tiny") == before
