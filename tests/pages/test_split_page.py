"""Split: make one, see it, be told what is wrong."""

from pathlib import Path

import pytest

from core.data import datasets, drafts
from core.split import config as split_config
from core.split import listed, sureness
from core.split import store as splits
from core.training import config as configs
from core.training import forecasts
from tests.pages import made
from tests.pages.conftest import Open, words


@pytest.fixture
def tiny(workspace: Path, tiny_folder: Path) -> datasets.Dataset:
    """36 images of three classes."""
    return datasets.add("tiny", tiny_folder)


def test_without_images_the_page_leads_to_the_dataset(open_page: Open) -> None:
    at = open_page("split")
    assert "no images to divide" in words(at)
    at.button(key="empty-go").click().run()
    assert at.title[0].value == "Dataset"


def test_the_default_split_is_one_click(open_page: Open, tiny: datasets.Dataset) -> None:
    at = open_page("split")
    at.button(key="make-split").click().run()
    assert not at.exception
    assert splits.names("tiny") == ["tiny-70-15-15"]
    made_split = splits.load("tiny-70-15-15")
    assert made_split.counts()["train"] == {"blue": 8, "green": 8, "red": 8}
    assert {metric.label: metric.value for metric in at.metric}["Train"] == "24"


def test_the_lessons_preset_says_what_is_lost(open_page: Open, tiny: datasets.Dataset) -> None:
    at = open_page("split")
    at.segmented_control(key="split-preset").set_value("80 / 20 (the lesson's)").run()
    assert "grade" in at.info[0].value
    at.button(key="make-split").click().run()
    assert sum(splits.load("tiny-80-20").counts()["test"].values()) == 0


def test_percentages_that_do_not_add_up_are_a_sentence(open_page: Open, tiny: datasets.Dataset) -> None:
    at = open_page("split")
    at.segmented_control(key="split-preset").set_value("Own").run()
    at.number_input(key="share-Test %").set_value(30).run()
    assert not at.exception
    assert "70 + 15 + 30 make 115 %" in at.error[0].value
    assert at.button(key="make-split").disabled
    at.number_input(key="share-Train %").set_value(55).run()
    assert not at.error and not at.button(key="make-split").disabled


def test_a_class_with_too_few_images_is_a_sentence(open_page: Open, tiny_folder: Path) -> None:
    for file in sorted((tiny_folder / "green").iterdir())[2:]:
        file.unlink()
    datasets.add("tiny", tiny_folder)
    at = open_page("split")
    assert not at.exception
    assert "Too few images to be split: **green** (2)" in at.warning[0].value
    assert at.button(key="make-split").disabled
    at.button(key="bring-more").click().run()
    assert at.title[0].value == "Dataset" and at.segmented_control(key="view").value == "Bring more"


def test_a_split_in_use_is_not_overwritten_and_not_deleted(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    made.run("finished")
    at = open_page("split", dataset=made.DATASET, split=made.SPLIT)
    at.button(key="delete-split").click().run()
    assert not at.exception
    assert made.SPLIT in at.error[0].value
    assert splits.exists(made.SPLIT)


def test_an_unused_split_is_not_deleted_unasked(open_page: Open, tiny: datasets.Dataset) -> None:
    splits.make("mine", tiny, split_config.SplitConfig())
    at = open_page("split", split="mine")
    at.button(key="delete-split").click().run()
    assert not at.exception and splits.names() == ["mine"]
    assert at.button(key="really-delete") and at.button(key="cancel-delete")


def test_a_class_with_few_test_images_is_warned_of(open_page: Open, tiny: datasets.Dataset) -> None:
    splits.make("mine", tiny, split_config.SplitConfig())
    at = open_page("split", split="mine")
    assert not at.exception
    assert any(
        "Too few test images" in warning.value and "could be anywhere" in warning.value
        for warning in at.warning
    )


def test_the_images_needed_to_tell_two_models_apart_follow_the_margin(
    open_page: Open, tiny: datasets.Dataset
) -> None:
    splits.make("mine", tiny, split_config.SplitConfig())
    at = open_page("split", split="mine")
    assert f"**{sureness.images_to_tell_apart(0.05, 0.9)}**" in words(at)
    at.number_input(key="sureness-margin").set_value(9.0).run()
    assert f"**{sureness.images_to_tell_apart(0.09, 0.9)}**" in words(at)


def test_a_changed_dataset_is_said_beside_its_old_split(open_page: Open, tiny: datasets.Dataset) -> None:
    splits.make("mine", tiny, split_config.SplitConfig())
    edit = drafts.exclude("tiny", ["red/01.png"])
    at = open_page("split", split="mine")
    assert any("has changed since" in warning.value for warning in at.warning)
    at.button(key="split-again").click().run()
    assert at.segmented_control(key="split-view").value == "New split"
    drafts.undo("tiny", edit["id"])
    at = open_page("split", split="mine")
    assert not any("has changed since" in warning.value for warning in at.warning)


def test_grouping_by_a_pattern_that_matches_nothing_is_a_sentence(
    open_page: Open, tiny: datasets.Dataset
) -> None:
    at = open_page("split")
    at.selectbox(key="split-grouping").set_value("pattern").run()
    at.text_input(key="split-pattern").set_value(r"patient(\d+)").run()
    assert not at.exception
    assert "matches none" in at.error[0].value
    assert at.button(key="make-split").disabled


def test_a_table_gives_the_split_that_it_was_downloaded_from(open_page: Open, tiny: datasets.Dataset) -> None:
    mine = splits.make("mine", tiny, split_config.SplitConfig(seed=5))
    at = open_page("split", split="mine")
    at.segmented_control(key="split-view").set_value("New split").run()
    at.segmented_control(key="split-preset").set_value("From a table").run()
    assert at.button(key="make-split").disabled
    text = listed.text(mine.table).replace("red/00.png", "red/gone.png").replace(",test\n", ",val\n", 1)
    at.file_uploader(key="split-table").set_value([("mine.csv", text.encode(), "text/csv")]).run()
    assert not at.exception
    assert any("known by contents" in warning.value for warning in at.warning)
    at.button(key="make-split").click().run()
    made_split = splits.load("tiny-table")
    assert (made_split.table["subset"] != mine.table["subset"]).sum() == 1
    assert made_split.config.from_table == "mine.csv"


def test_a_file_that_is_no_table_is_a_sentence(open_page: Open, tiny: datasets.Dataset) -> None:
    at = open_page("split")
    at.segmented_control(key="split-preset").set_value("From a table").run()
    at.file_uploader(key="split-table").set_value([("x.csv", b"a,b\n1,2", "text/csv")]).run()
    assert not at.exception and "needs the columns path and subset" in at.error[0].value


def test_after_a_split_the_forecast_is_the_next_step(
    open_page: Open, tiny: datasets.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[configs.TrainingConfig] = []
    monkeypatch.setattr(forecasts, "ask", asked.append)
    at = open_page("split")
    at.button(key="make-split").click().run()
    assert any("Next: ask for a **forecast**" in success.value for success in at.success)
    at.button(key="finetune-forecast-ask").click().run()
    assert not at.exception
    assert asked == [configs.TrainingConfig(dataset="tiny", split="tiny-70-15-15")]  # as Finetune would ask
    at.run()
    assert not any("Next: ask" in success.value for success in at.success)


def test_how_near_the_sizes_came_is_said_with_the_reason(open_page: Open, tiny: datasets.Dataset) -> None:
    splits.make("mine", tiny, split_config.SplitConfig(group_by=r"pattern:(\w+/).[0369]"))
    splits.make("fine", tiny, split_config.SplitConfig(train=0.5, validation=0.25, test=0.25))
    said = words(open_page("split", split="mine"))
    assert "You asked for 70 / 15 / 15 %; it came to" in said and "images stay whole" in said
    assert "The sizes are what you asked for, to the image." in words(open_page("split", split="fine"))


@pytest.mark.parametrize(
    ("grouping", "name"),
    [("parent", "tiny-70-15-15-by-folder"), ("none", "tiny-70-15-15-ungrouped")],
)
def test_the_proposed_name_tells_what_stays_together(
    open_page: Open, tiny: datasets.Dataset, grouping: str, name: str
) -> None:
    at = open_page("split")
    at.selectbox(key="split-grouping").set_value(grouping).run()
    assert next(one for one in at.text_input if one.label == "Name").value == name


def test_the_proposed_name_is_free(open_page: Open, tiny: datasets.Dataset) -> None:
    splits.make("tiny-70-15-15", tiny, split_config.SplitConfig())
    at = open_page("split")
    at.segmented_control(key="split-view").set_value("New split").run()
    assert next(one for one in at.text_input if one.label == "Name").value == "tiny-70-15-15-2"
    at.button(key="make-split").click().run()
    assert not at.exception and at.subheader[0].value == "tiny-70-15-15-2"
    assert at.segmented_control(key="split-view").value == "This split"


def test_a_split_chosen_in_the_sidebar_is_shown_and_not_the_form(
    open_page: Open, tiny: datasets.Dataset
) -> None:
    splits.make("mine", tiny, split_config.SplitConfig())
    splits.make("other", tiny, split_config.SplitConfig(seed=1))
    at = open_page("split", split="mine")
    at.segmented_control(key="split-view").set_value("New split").run()
    at.selectbox(key="choose-split").set_value("other").run()
    assert at.segmented_control(key="split-view").value == "This split"
    assert at.subheader[0].value == "other"


def test_names_that_tell_no_group_ask_for_a_pattern(open_page: Open, tiny: datasets.Dataset) -> None:
    at = open_page("split")
    at.selectbox(key="split-grouping").set_value("pattern").run()
    assert at.text_input(key="split-pattern").value == ""
    assert "Say which part of a file's name is the group" in at.error[0].value
    at.text_input(key="split-pattern").set_value(r"(\w+/\d\d)").run()
    assert not [error.value for error in at.error] and "is of the group `blue/00`" in words(at)


def test_classes_that_are_too_small_are_left_out_where_the_split_is_refused(
    open_page: Open, tiny_folder: Path
) -> None:
    for file in sorted((tiny_folder / "green").iterdir())[2:]:
        file.unlink()
    datasets.add("tiny", tiny_folder)
    at = open_page("split")
    at.button(key="leave-small-out").click().run()
    assert not at.exception and not at.error
    assert datasets.load("tiny").counts == {"blue": 12, "red": 12}
