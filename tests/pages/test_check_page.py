"""The check on the page: what is found, and that its action mends it."""

import dataclasses
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data import checks, datasets, drafts, suspects
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
    assert "All 3 classes have the same size" in words(at) and "**33 %**" in words(at)


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
    assert at.table[0].value.index.tolist() == ["green/torn.png"]


def test_unequal_classes_are_weighed_against_equal_ones(open_page: Open, tiny_folder: Path) -> None:
    for file in sorted((tiny_folder / "green").iterdir())[6:]:
        file.unlink()
    datasets.add("tiny", tiny_folder)
    said = words(open_page("dataset", view="Check"))
    assert "always says **blue** would be right **40 %** of the time (33 % if all 3 classes" in said


def test_suspects_outlast_a_reload_until_they_are_judged(
    open_page: Open, workspace: Path, tiny_folder: Path
) -> None:
    tiny = datasets.add("tiny", tiny_folder)
    found = [{"path": f"red/0{n}.png", "label": "red", "suggested": "blue", "score": 0.5} for n in (1, 2)]
    suspects.keep(tiny.folder, found, "resnet18 with starter weights")
    drafts.relabel("tiny", ["red/02.png"], "blue")
    at = open_page("dataset", view="Check")
    pills = next(group for group in at.pills if str(group.key).startswith("check-kind"))
    pills.set_value("suspects").run()
    assert "1 of 2 suspects still to be judged. Looked with resnet18 with starter weights." in words(at)
    assert at.button(key="suspects-look").label == "Look again"


def test_all_shortcuts_of_a_class_stand_together(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one(label: str, feature: str) -> dict:
        told = {"balanced_accuracy": 0.97314, "chance": 0.5, "kind": "median"}
        return {"class": label, "feature": feature, "values": {"class": 48211.0, "rest": 12.3456}} | told

    tiny = datasets.add("tiny", tiny_folder)
    whole = checks.check(tiny)
    found = [one("red", "file size"), one("blue", "brightness"), one("red", "contrast")]
    monkeypatch.setattr(
        checks, "check", lambda dataset, **settings: dataclasses.replace(whole, shortcuts=found)
    )
    at = open_page("dataset", view="Check")
    pills = next(group for group in at.pills if str(group.key).startswith("check-kind"))
    pills.set_value("shortcuts").run()
    assert not at.exception
    lists = [element.value for element in at.markdown if element.value.startswith("- ")]
    assert len(lists) == 2 and lists[0].count("\n- ") == 1 and "contrast" in lists[0]
    assert "48,200 there and 12.3 elsewhere" in lists[0].replace("\\", "")
