"""Dataset: bring images by every way, look at them, rename and delete."""

from pathlib import Path

import pytest

from core.data import datasets
from tests.pages.conftest import Open


def test_without_a_dataset_the_ways_to_bring_one_are_offered(open_page: Open) -> None:
    at = open_page("dataset")
    assert [element.key for element in at.button if str(element.key).startswith("sample-")] == [
        "sample-drawn-animals",
        "sample-digits",
        "sample-cifar10",
    ]


def test_a_folder_on_the_machine_becomes_a_dataset(open_page: Open, tiny_folder: Path) -> None:
    at = open_page("dataset")
    at.segmented_control(key="bring-way").set_value("Folder on this machine").run()
    at.text_input(key="folder-path").set_value(str(tiny_folder)).run()
    at.button(key="add-folder").click().run()
    assert not at.exception
    assert datasets.names() == ["tiny"]
    assert at.subheader[0].value == "tiny"
    assert {metric.label: metric.value for metric in at.metric}["Images"] == "36"


def test_a_folder_that_is_not_there_is_a_sentence(open_page: Open) -> None:
    at = open_page("dataset")
    at.segmented_control(key="bring-way").set_value("Folder on this machine").run()
    at.text_input(key="folder-path").set_value("/no/such/place").run()
    at.button(key="add-folder").click().run()
    assert not at.exception
    assert "/no/such/place" in at.error[0].value
    assert datasets.names() == []


def test_an_uploaded_folder_becomes_a_dataset(open_page: Open, tiny_folder: Path) -> None:
    at = open_page("dataset")
    at.segmented_control(key="bring-way").set_value("Upload").run()
    files = [
        (f"pets/{file.relative_to(tiny_folder)}", file.read_bytes(), "image/png")
        for file in sorted(tiny_folder.rglob("*.png"))
    ]
    at.file_uploader(key="upload-folder-0").set_value(files).run()
    at.button(key="add-upload").click().run()
    assert not at.exception
    assert datasets.load("pets").counts == {"blue": 12, "green": 12, "red": 12}


def test_files_that_were_set_aside_are_listed_with_their_reason(open_page: Open, tiny_folder: Path) -> None:
    (tiny_folder / "red" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Set aside")
    table = at.dataframe[0].value
    assert table["File"].tolist() == ["red/broken.png"]
    assert table.iloc[0, 1]


def test_the_gallery_shows_one_class_when_asked(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Images")
    shown = "".join(element.body for element in at.get("html"))
    assert shown.count("<img") == 36
    at.pills(key="gallery-class").set_value("green").run()
    shown = "".join(element.body for element in at.get("html"))
    assert shown.count("<img") == 12
    assert "red/" not in shown


def test_renaming_keeps_the_dataset_chosen(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Manage")
    at.text_input(key="rename-to").set_value("colours")
    at.button(key="rename-button").click().run()
    assert not at.exception
    assert datasets.names() == ["colours"]
    assert at.subheader[0].value == "colours"


@pytest.mark.parametrize("name", ["", "../away", "a/b"])
def test_a_name_that_is_not_allowed_is_a_sentence(open_page: Open, tiny_folder: Path, name: str) -> None:
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Manage")
    at.text_input(key="rename-to").set_value(name)
    at.button(key="rename-button").click().run()
    assert not at.exception
    assert at.error
    assert datasets.names() == ["tiny"]


def test_a_dataset_whose_files_are_damaged_is_a_sentence(
    open_page: Open, workspace: Path, tiny_folder: Path
) -> None:
    datasets.add("tiny", tiny_folder)
    (workspace / "datasets" / "tiny" / "table.parquet").write_bytes(b"not a table")
    at = open_page("dataset")
    assert not at.exception
    assert "damaged" in at.error[0].value
