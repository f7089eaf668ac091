"""Corrections: an upload with its right label becomes part of the dataset, and one step trains again."""

import numpy as np
import pytest

from core import runs
from core.data import datasets
from core.inference import predictor
from core.split import config as split_config
from core.split import store as splits
from core.training import jobs
from pages.parts.classify import labelling
from tests.pages import made
from tests.pages.classify.bringing import BROKEN, bring, picture
from tests.pages.conftest import Open, words


def test_a_correction_becomes_part_of_the_dataset(
    open_page: Open, before: datasets.Dataset, run: runs.Run
) -> None:
    at = bring(open_page("classify", run=run.id), picture(1))
    at.button_group(key="classify-view").set_value("correct").run()
    at.selectbox(key="classify-right").select("green").run()
    at.button(key="classify-add").click().run()
    assert not at.exception
    after = datasets.load(made.DATASET)
    assert after.counts["green"] == before.counts["green"] + 1
    assert after.version > before.version
    assert any("Added to colours as green" in success.value for success in at.success)


@pytest.mark.parametrize("label", ["a/b", "../../evil", "x" * 201])
def test_a_typed_label_is_kept_letter_by_letter_or_refused(
    open_page: Open, before: datasets.Dataset, run: runs.Run, label: str
) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), picture(2))
    at.selectbox(key="classify-order").set_value("label").run()
    at.text_input(key="classify-is-other").set_value(label).run()
    at.button(key="classify-is").click().run()
    at.button(key="classify-label-add").click().run()
    assert not at.exception
    after = datasets.load(made.DATASET)
    if len(label) > 200:
        assert any("cannot be a label" in error.value for error in at.error)
        assert after.version == before.version
    else:
        assert after.counts == dict(sorted({**before.counts, label: 1}.items()))


def test_several_marked_images_are_corrected_together(
    open_page: Open, before: datasets.Dataset, run: runs.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.classify.table.draw", lambda run, shown: [0, 1, 2])  # as if marked
    at = bring(open_page("classify", run=run.id), picture(1), BROKEN, picture(2))
    assert "**2 of 3 marked images** can be given their right label." in words(at)
    at.selectbox(key="classify-right").select("blue").run()
    at.button(key="classify-add").click().run()
    assert not at.exception
    assert datasets.load(made.DATASET).counts["blue"] == before.counts["blue"] + 2


def test_the_most_useful_images_are_labelled_with_a_click_each(
    open_page: Open, before: datasets.Dataset, run: runs.Run
) -> None:
    brought = [picture(number) for number in range(1, 6)]
    at = bring(open_page("classify", run=run.id), *brought, BROKEN)
    at.selectbox(key="classify-order").set_value("label").run()
    answers = predictor.load(run.id).predict([content for _, content, _ in brought])
    shares = np.array([list(answer.probabilities.values()) for answer in answers])
    # The longest gradient of the last layer comes first: see core.inference.labelling.
    lengths = ((shares - np.eye(shares.shape[1])[shares.argmax(axis=1)]) ** 2).sum(axis=1)
    assert brought[int(lengths.argmax())][0].replace(".", "\\.") in words(at)
    likeliest = at.button(key="classify-is-0").label
    at.button(key="classify-is-0").click().run()
    at.text_input(key="classify-is-other").set_value("violet").run()
    at.button(key="classify-is").click().run()
    at.button(key="classify-skip").click().run()
    assert at.button(key="classify-label-add").label == "Add 2 to the dataset"
    at.button(key="classify-label-add").click().run()
    assert not at.exception
    after = datasets.load(made.DATASET)
    assert after.counts["violet"] == 1 and after.counts[likeliest] == before.counts[likeliest] + 1
    assert len(after.source["parts"]) == 2
    for _ in range(2):
        at.button(key="classify-is-0").click().run()
    assert not at.exception
    assert "Nothing is left to label here." in words(at)


def test_after_a_correction_one_step_splits_anew_and_trains_again(
    open_page: Open, before: datasets.Dataset, run: runs.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    splits.make(made.SPLIT, before, split_config.SplitConfig())
    started: list[str] = []
    monkeypatch.setattr(jobs, "start", lambda made_run: started.append(made_run.id))
    at = bring(open_page("classify", run=run.id), picture(1))
    assert "Teach it what you corrected" not in words(at) and "Train again" not in words(at)
    at.button_group(key="classify-view").set_value("correct").run()
    at.selectbox(key="classify-right").select("green").run()
    at.button(key="classify-add").click().run()
    said = words(at)
    assert (
        "1 new" in said and "*colours\\-split\\-v2*" in said and "6 images that were test stay test" in said
    )
    at.button(key="classify-retrain-go").click().run()
    again = runs.load(started[0])
    assert again.config()["split"] == "colours-split-v2" and len(again.manifest()) == 37


def test_what_a_filter_hides_stays_labelled_when_the_rest_is_added() -> None:
    given = {"a.png": "red", "b.png": "blue", "c.png": "red"}
    labelling._forget({"a.png": "red", "c.png": "red"}, given)
    assert given == {"b.png": "blue"}
