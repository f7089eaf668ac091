"""The check on the page: what is found, and that its action mends it."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data import checks, datasets
from tests.pages.conftest import Open, words


@pytest.fixture
def trouble(workspace: Path, tiny_folder: Path) -> datasets.Dataset:
    """Two exact copies within red, one red image also filed under blue, and a damaged file."""
    for index in (1, 2):
        shutil.copy(tiny_folder / "red" / f"{index:02d}.png", tiny_folder / "red" / f"copy{index}.png")
    shutil.copy(tiny_folder / "red" / "05.png", tiny_folder / "blue" / "stray.png")
    (tiny_folder / "green" / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return datasets.add("tiny", tiny_folder)


def test_a_clean_dataset_is_told_so(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = datasets.add("tiny", tiny_folder)
    report = checks.Report(
        unreadable=[],
        exact_duplicates=[],
        near_duplicates=[],
        label_conflicts=[],
        extremes=[],
        shortcuts=[],
        largest_class="blue",
        largest_class_share=1 / 3,
    )
    monkeypatch.setattr(checks, "check", lambda dataset, **settings: report)
    at = open_page("dataset", view="Check", dataset=clean.name)
    assert not at.exception
    assert "Nothing wrong" in at.success[0].value
    assert "**33%**" in words(at)


def test_a_conflict_is_mended_by_saying_which_label_is_right(
    open_page: Open, trouble: datasets.Dataset
) -> None:
    at = open_page("dataset", view="Check")
    assert not at.exception
    assert checks.check(trouble).label_conflicts == [["blue/stray.png", "red/05.png"]]
    at.button(key="conflict-blue/stray.png-red").click().run()
    assert not at.exception
    table = datasets.load("tiny").table.set_index("path")["label"]
    assert table["blue/stray.png"] == "red"
    assert checks.check(datasets.load("tiny")).label_conflicts == []


def test_all_exact_copies_go_by_one_button(open_page: Open, trouble: datasets.Dataset) -> None:
    at = open_page("dataset", view="Check")
    pills = next(group for group in at.pills if str(group.key).startswith("check-kind"))
    pills.set_value("exact").run()
    at.button(key="exact-all").click().run()
    assert not at.exception
    after = datasets.load("tiny")
    assert len(after.table) == len(trouble.table) - 2
    # The set with two labels is left to a person, and the page says so.
    assert checks.check(after).exact_duplicates == [["blue/stray.png", "red/05.png"]]


def exact_copies(open_page: Open) -> AppTest:
    at = open_page("dataset", view="Check")
    pills = next(group for group in at.pills if str(group.key).startswith("check-kind"))
    return pills.set_value("exact").run()


def test_a_set_with_several_labels_is_not_settled_by_size(open_page: Open, trouble: datasets.Dataset) -> None:
    at = exact_copies(open_page)
    assert "1 set bears several labels" in words(at)
    assert at.button(key="exact-blue/stray.png").disabled
    at.selectbox(key="exact-keep-blue/stray.png").set_value("red/05.png").run()
    at.button(key="exact-blue/stray.png").click().run()
    assert datasets.load("tiny").excluded["path"].tolist() == ["blue/stray.png"]


def test_the_copy_to_keep_is_chosen(open_page: Open, trouble: datasets.Dataset) -> None:
    at = exact_copies(open_page)
    at.selectbox(key="exact-keep-red/01.png").set_value("red/copy1.png").run()
    at.button(key="exact-red/01.png").click().run()
    assert datasets.load("tiny").excluded["path"].tolist() == ["red/01.png"]


def test_what_cannot_be_read_is_listed_with_its_reason(open_page: Open, trouble: datasets.Dataset) -> None:
    at = open_page("dataset", view="Check")
    pills = next(group for group in at.pills if str(group.key).startswith("check-kind"))
    pills.set_value("unreadable").run()
    assert at.dataframe[0].value["File"].tolist() == ["green/torn.png"]
