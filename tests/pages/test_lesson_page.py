"""Lesson: six chapters, with diagrams alone at first, and with one's own images as they come."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from core import workspace
from core.metrics import decisions
from core.model.transform import EvalTransform
from tests.pages import made
from tests.pages.conftest import Open, words


def test_with_nothing_yet_every_chapter_is_explained_and_home_is_offered(open_page: Open) -> None:
    at = open_page("lesson")
    assert not at.exception
    assert [header.value[:1] for header in at.subheader] == ["1", "2", "3", "4", "5", "6"]
    assert "Try it with sample images" in [button.label for button in at.button]
    assert "There are no images yet." in words(at)


def test_a_dataset_alone_shows_its_images_as_numbers(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    at = open_page("lesson", dataset=made.DATASET, split=made.SPLIT)
    assert not at.exception
    assert "36 images of 3 classes" in words(at)
    assert "(3, 224, 224)" in words(at)
    assert "You have not trained a model yet." in words(at)


def test_a_finished_run_plays_the_whole_lesson(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    run = made.run("finished")
    transform = EvalTransform(image_size=32, resize=36).to_dict()
    workspace.write_json(run.folder / "model.json", {"transform": transform})
    manifest = run.manifest()
    manifest["file"] = [str(tiny_folder / path) for path in manifest["path"]]
    workspace.write_table(run.folder / "manifest.parquet", manifest)
    stored = made.predictions(run).query("subset == 'validation'")
    at = open_page("lesson", run=run.id)
    assert not at.exception
    assert "(3, 32, 32)" in words(at)
    accuracy = (np.stack(stored["logits"].to_list()).argmax(axis=1) == stored["true"]).mean()
    assert at.metric[0].value == f"{100 * accuracy:.1f} %"
    table = at.dataframe[0].value
    assert np.allclose(table["probability"].sum(), 1)
    at.pills(key="lesson-kind").set_value("mistake").run()
    assert not at.exception
    assert ": wrong." in words(at)


def test_an_image_that_is_gone_is_said_so_and_the_lesson_goes_on(open_page: Open) -> None:
    run = made.run("finished")
    at = open_page("lesson", run=run.id)
    assert not at.exception
    assert at.subheader[-1].value.startswith("6")
    assert at.dataframe


@pytest.mark.parametrize("state", ["failed", "running"])
def test_a_run_without_results_leaves_the_judgement_open(open_page: Open, state: str) -> None:
    run = made.run(state, done=1)
    at = open_page("lesson", run=run.id)
    assert not at.exception
    assert "There are no answers to judge yet." in words(at)


def test_raw_softmax_is_said_to_differ_from_the_calibrated(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    run = made.run("finished")
    assert "as they are, here and on *Classify*" in words(open_page("lesson", run=run.id))
    decisions.save(run, dataclasses.replace(decisions.load(run), temperature=1.7))
    assert "first divide them by 1.7" in words(open_page("lesson", run=run.id))
