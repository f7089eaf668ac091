"""Dataset: bring images by every way, look at them, rename and delete."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data import datasets, drafts, thumbnails
from core.inference import correcting
from core.split import config as split_config
from core.split import store as splits
from pages.parts import gallery
from tests.pages.conftest import Open, words


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
    table = at.table[0].value
    assert table.index.tolist() == ["red/broken.png"]
    assert table.iloc[0, 0]


def shown(at: AppTest) -> list[str]:
    """Paths of the pictures in the gallery."""
    return [item["id"] for item in json.loads(at.get("bidi_component")[0].proto.json)["items"]]


def test_the_gallery_shows_one_class_when_asked(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Images")
    assert len(shown(at)) == 36
    at.pills(key="gallery-class").set_value("green").run()
    assert shown(at) == [f"green/{index:02d}.png" for index in range(12)]


def test_an_image_left_out_is_gone_and_comes_back_by_undo(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Images")
    at.session_state["gallery-pick-marks"] = ["red/03.png", "red/04.png"]
    at.run()
    at.button(key="gallery-exclude").click().run()
    assert not at.exception
    assert "red/03.png" not in shown(at)
    assert datasets.load("tiny").counts["red"] == 10
    at = open_page("dataset", view="Corrections")
    assert "2 images left out" in words(at)
    next(button for button in at.button if button.label == "Undo").click().run()
    assert datasets.load("tiny").counts["red"] == 12


def grid(at: AppTest) -> dict:
    """What the gallery's grid is given."""
    return json.loads(at.get("bidi_component")[0].proto.json)


def click(at: AppTest, *paths: str) -> None:
    """Leave these pictures of the page marked, as the grid says it."""
    at.session_state["gallery-pick"] = {"picked": {"tag": grid(at)["tag"], "ids": list(paths)}}
    at.run()


def test_marks_outlast_turning_the_page_and_are_acted_on_together(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "PER_PAGE", 12)
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Images")
    click(at, "blue/03.png", "blue/05.png")
    at.session_state["gallery-page-None"] = 2
    at.run()
    assert grid(at)["marked"] == [] and shown(at)[0] == "green/00.png"
    at.button(key="gallery-pick-all").click().run()
    click(at, *(path for path in shown(at) if path != "green/07.png"))
    assert "**13 marked**" in words(at) and "11 of 13 marked are on this page" in words(at)
    at.session_state["gallery-page-None"] = 1
    at.run()
    assert grid(at)["marked"] == ["blue/03.png", "blue/05.png"]
    click(at, "blue/03.png")
    at.button(key="gallery-exclude").click().run()
    assert not at.exception
    assert datasets.load("tiny").counts == {"blue": 11, "green": 1, "red": 12}
    assert grid(at)["marked"] == [] and "marked**" not in words(at)
    at.button(key="gallery-undo").click().run()
    assert datasets.load("tiny").counts == {"blue": 12, "green": 12, "red": 12}


def test_marks_are_cleared_by_one_button_and_what_the_grid_said_before_is_out_of_date(
    open_page: Open, tiny_folder: Path
) -> None:
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Images")
    click(at, "red/03.png", "red/04.png")
    at.button(key="gallery-pick-clear").click().run()
    assert grid(at)["marked"] == [] and "marked**" not in words(at)
    at.run()
    assert grid(at)["marked"] == []


def test_marked_images_get_another_label(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Images")
    at.session_state["gallery-pick-marks"] = ["red/03.png"]
    at.run()
    at.selectbox(key="gallery-label").set_value("green").run()
    at.button(key="gallery-relabel").click().run()
    assert not at.exception
    assert datasets.load("tiny").counts == {"blue": 12, "green": 13, "red": 11}


def test_a_class_is_merged_into_another(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Corrections")
    at.selectbox(key="rename-class").set_value("red").run()
    at.selectbox(key="rename-class-to").set_value("blue").run()
    assert at.button(key="rename-class-do").label == "Merge"
    at.button(key="rename-class-do").click().run()
    assert datasets.load("tiny").counts == {"blue": 24, "green": 12}


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


def test_cifar10_without_a_network_explains_itself(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr("urllib.request.urlopen", refused)
    at = open_page("dataset")
    at.button(key="sample-cifar10").click().run()
    assert not at.exception
    assert "needs a network" in at.error[0].value
    assert "Drawn animals" in at.error[0].value
    assert datasets.names() == []


def test_a_folder_that_moved_is_said_and_can_be_named_anew(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    moved = tiny_folder.rename(tiny_folder.parent / "elsewhere")
    at = open_page("dataset", view="Manage")
    assert any("not there any more" in warning.value for warning in at.warning)
    at.text_input(key="relink-to").set_value(str(moved)).run()
    at.button(key="relink-dataset").click().run()
    assert not at.exception
    assert not at.warning
    assert datasets.load("tiny").file("red/01.png").is_file()


def test_every_part_is_listed_and_the_missing_ones_are_named_anew(
    open_page: Open, tiny_folder: Path, tmp_path: Path
) -> None:
    more = tmp_path / "more"
    shutil.copytree(tiny_folder / "red", more / "violet")
    datasets.add("tiny", tiny_folder)
    datasets.extend("tiny", more)
    moved = more.rename(tmp_path / "elsewhere")
    at = open_page("dataset", view="Manage")
    said = words(at)
    assert f"`{tiny_folder}`" in said and f"`{more}` · **not there any more**" in said
    at.text_input(key="relink-to").set_value(str(moved)).run()
    at.button(key="relink-dataset").click().run()
    assert not at.exception and not at.warning
    assert datasets.load("tiny").file("added-2/violet/01.png").is_file()


def test_new_files_are_taken_in_when_looked_for(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    (tiny_folder / "red" / "new.png").write_bytes((tiny_folder / "red" / "00.png").read_bytes())
    at = open_page("dataset", view="Manage")
    at.button(key="refresh-dataset").click().run()
    assert not at.exception
    assert {metric.label: metric.value for metric in at.metric}["Images"] == "37"


def button_keys(at: AppTest) -> set[str]:
    return {str(button.key) for button in at.button}


def test_classes_of_one_size_are_not_called_the_fewest(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    assert {metric.label: metric.value for metric in open_page("dataset").metric}["In each class"] == "12"
    drafts.exclude("tiny", ["red/01.png", "blue/01.png"])
    assert {metric.label: metric.value for metric in open_page("dataset").metric}[
        "Fewest: blue and 1 more"
    ] == "11"


def test_a_single_class_is_nothing_to_tell_apart(open_page: Open, tiny_folder: Path) -> None:
    shutil.rmtree(tiny_folder / "green")
    shutil.rmtree(tiny_folder / "blue")
    datasets.add("flat", tiny_folder)
    at = open_page("dataset")
    assert not at.exception
    assert "nothing to tell apart" in at.warning[0].value and "table" in at.warning[0].value
    assert "to-split" not in button_keys(at)
    assert not any("Fewest" in metric.label for metric in at.metric)
    at.button(key="to-bring").click().run()
    assert at.segmented_control(key="view").value == "Bring more" and "to-bring" not in button_keys(at)
    assert "always says" not in words(open_page("dataset", view="Check"))


def test_the_next_step_leads_to_the_split_there_is(open_page: Open, tiny_folder: Path) -> None:
    tiny = datasets.add("tiny", tiny_folder)
    assert open_page("dataset").button(key="to-split").label == "Next: split these images"
    splits.make("mine", tiny, split_config.SplitConfig())
    at = open_page("dataset")
    assert at.button(key="to-split").label == "Next: open the split"
    at.button(key="to-split").click().run()
    assert at.title[0].value == "Split" and at.subheader[0].value == "mine"
    drafts.exclude("tiny", ["red/01.png"])
    at = open_page("dataset")
    assert at.button(key="to-split").label == "Next: split again"
    at.button(key="to-split").click().run()
    assert at.segmented_control(key="split-view").value == "New split"


def test_after_more_images_the_form_closes(open_page: Open, tiny_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_folder / "red", tmp_path / "more" / "violet")
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Bring more")
    at.segmented_control(key="bring-way").set_value("Folder on this machine").run()
    at.radio(key="bring-target").set_value("More images for tiny").run()
    at.text_input(key="folder-path").set_value(str(tmp_path / "more")).run()
    at.button(key="add-folder").click().run()
    assert not at.exception
    assert at.segmented_control(key="view").value == "Overview"
    assert [toast.value for toast in at.toast] == ["12 images added to tiny."]
    assert datasets.load("tiny").counts["violet"] == 12


def test_a_missing_folder_is_said_on_every_view_with_the_way_to_mend_it(
    open_page: Open, tiny_folder: Path
) -> None:
    datasets.add("tiny", tiny_folder)
    tiny_folder.rename(tiny_folder.parent / "elsewhere")
    at = open_page("dataset", view="Images")
    assert str(tiny_folder) in at.warning[0].value
    at.button(key="to-relink").click().run()
    assert at.segmented_control(key="view").value == "Manage" and len(at.warning) == 1
    assert at.text_input(key="relink-to")


def test_the_gallery_names_its_files_and_can_be_turned_from_below(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "PER_PAGE", 12)
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Images")
    first = grid(at)["items"][0]
    assert first["caption"] == "blue\n00.png" and first["large"] == first["url"] + "&large=1"
    at.session_state["gallery-page-None"] = 2
    at.run()
    above, below = at.get("pagination")
    assert above.proto.id.endswith("gallery-page-None") and below.proto.id.endswith("gallery-page-None-below")
    assert at.session_state["gallery-page-None-below"] == 2


def test_images_that_classify_added_are_listed_and_can_be_left_out(
    open_page: Open, tiny_folder: Path, tmp_path: Path
) -> None:
    datasets.add("tiny", tiny_folder)
    Image.new("RGB", (30, 30), "teal").save(tmp_path / "me.png")
    correcting.correct("tiny", [correcting.Correction(file=tmp_path / "me.png", name="me.png", label="red")])
    at = open_page("dataset", view="Corrections")
    assert "1 image added: 1 red" in words(at) and correcting.CALLED in words(at)
    at.button(key="leave-added-0").click().run()
    assert not at.exception
    assert datasets.load("tiny").counts["red"] == 12
    assert "1 image added" not in words(at) and "left out" in words(at)


def test_a_dataset_is_not_deleted_unasked(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Manage")
    at.button(key="delete-dataset").click().run()
    assert not at.exception and datasets.names() == ["tiny"]
    assert {"really-delete", "cancel-delete"} <= button_keys(at)


def test_a_thumbnail_and_the_same_image_large(workspace: Path, tiny_folder: Path) -> None:
    Image.new("RGB", (2000, 1000), "teal").save(tiny_folder / "red" / "big.png")
    tiny = datasets.add("tiny", tiny_folder)
    sizes = []
    for size in (thumbnails.SIZE, thumbnails.LARGE):
        with Image.open(thumbnails.thumbnail(tiny, "red/big.png", size)) as image:
            sizes.append(image.size)
    assert sizes == [(256, 128), (1280, 640)]
