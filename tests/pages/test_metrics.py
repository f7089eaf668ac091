"""Metrics: every figure from stored logits, and the test result only by a deliberate act."""

from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as reference
from streamlit.testing.v1 import AppTest

from core import workspace
from core.metrics import openings
from core.training import notes
from tests.pages import made
from tests.pages.conftest import Open, words


def test_without_a_finished_run_the_page_leads_to_what_is_first(open_page: Open, tiny_folder: Path) -> None:
    assert "Bring images" in [button.label for button in open_page("metrics").button]
    made.dataset_and_split(tiny_folder)
    assert "Go to Finetune" in [button.label for button in open_page("metrics").button]


def test_the_figures_are_those_of_the_stored_logits(open_page: Open) -> None:
    run = made.run("finished")
    stored = made.predictions(run).query("subset == 'validation'")
    answers = np.stack(stored["logits"].to_list()).argmax(axis=1)
    at = open_page("metrics", run=run.id)
    assert not at.exception
    shown = {metric.label: metric.value for metric in at.metric}
    accuracy = 100 * reference.accuracy_score(stored["true"], answers)
    assert shown["Accuracy"] == f"{accuracy:.1f} %"
    macro = 100 * reference.f1_score(stored["true"], answers, average="macro")
    assert shown["Macro F1"] == f"{macro:.1f} %"
    assert f"of {len(stored)} validation images" in words(at)


def test_the_test_result_is_sealed_until_it_is_opened_and_each_opening_counts(open_page: Open) -> None:
    run = made.run("finished")
    at = open_page("metrics", run=run.id)
    at.segmented_control(key="metrics-subset").set_value("test").run()
    assert "The test result is sealed" in words(at)
    assert not at.metric and openings.count(run) == 0
    at.button(key="metrics-open").click().run()
    assert openings.count(run) == 1
    assert at.metric and "has been opened once" in words(at)
    at.run()
    assert openings.count(run) == 1


def test_a_split_without_test_images_is_said_so(open_page: Open) -> None:
    run = made.run("finished")
    made.predictions(run, subsets=("validation",))
    at = open_page("metrics", run=run.id)
    at.segmented_control(key="metrics-subset").set_value("test").run()
    assert not at.exception
    assert any("no test images" in error.value for error in at.error)
    assert openings.count(run) == 0


@pytest.mark.parametrize("other", ["failed", "running"])
def test_a_run_without_results_gives_way_to_one_that_has_them(open_page: Open, other: str) -> None:
    good = made.run("finished", name="Good")
    bad = made.run(other, name="Other", done=1)
    at = open_page("metrics", run=bad.id)
    assert at.selectbox(key="metrics-run").value == good.id
    assert "this is the newest one with results" in words(at)


def test_a_dataset_without_results_says_so_and_offers_the_runs_of_others(
    open_page: Open, tiny_folder: Path
) -> None:
    run = made.run("finished", name="Elsewhere")
    workspace.write_json(run.folder / "config.json", run.config() | {"dataset": "birds"})
    made.dataset_and_split(tiny_folder)
    at = open_page("metrics", dataset=made.DATASET)
    assert not at.exception and not at.metric
    assert "Finish a finetuning first" in words(at)
    at.selectbox(key="run-of-another").set_value(run.id).run()
    assert not at.exception and at.metric
    assert run.id in at.query_params["run"]


def lock_of(at: AppTest) -> str:
    options = at.segmented_control(key="metrics-subset").proto.options
    return next(one.content_icon for one in options if one.content == "Test")


def test_the_lock_is_open_once_the_test_result_is(open_page: Open) -> None:
    run = made.run("finished")
    at = open_page("metrics", run=run.id)
    assert lock_of(at) == ":material/lock:"
    at.segmented_control(key="metrics-subset").set_value("test").run()
    at.button(key="metrics-open").click().run()
    at.run()
    assert lock_of(at) == ":material/lock_open:"
    assert at.segmented_control(key="metrics-subset").value == "test"


def test_a_headline_other_than_accuracy_leads_the_verdict(open_page: Open) -> None:
    at = open_page("metrics", run=made.run("finished").id)
    at.selectbox(key="metrics-headline-colours").set_value("macro_f1").run()
    first = next(one.value for one in at.markdown if "Right on" in one.value)
    assert first.startswith("Macro F1 **")


def test_the_chosen_headline_stays_while_the_test_is_sealed_and_opened(open_page: Open) -> None:
    at = open_page("metrics", run=made.run("finished").id)
    at.selectbox(key="metrics-headline-colours").set_value("recall:red").run()
    at.segmented_control(key="metrics-subset").set_value("test").run()
    at.button(key="metrics-open").click().run()
    assert at.selectbox(key="metrics-headline-colours").value == "recall:red"
    first = next(one.value for one in at.markdown if "Right on" in one.value)
    assert first.startswith("Recall of 'red' **")


def test_a_chosen_run_that_is_archived_is_still_shown(open_page: Open) -> None:
    run = made.run("finished")
    notes.write(run, notes.Notes(archived=True))
    at = open_page("metrics", run=run.id)
    assert not at.exception and at.metric
