"""Metrics: every figure from stored logits, and the test result only by a deliberate act."""

from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as reference

from core.metrics import openings
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
