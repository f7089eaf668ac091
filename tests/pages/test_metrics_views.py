"""The views of the Metrics page: each opens, says what core says, and changes only what it should."""

import dataclasses

import pytest

from core import runs, workspace
from core.metrics import comparison, decisions, openings, store
from tests.pages import made
from tests.pages.conftest import Open, words

VIEWS = ["overview", "mistakes", "curves", "slices", "costs", "people", "compare", "runs", "take"]


@pytest.fixture
def run(workspace, tiny_folder) -> runs.Run:
    made.dataset_and_split(tiny_folder)
    return made.run("finished", name="First")


def show(open_page: Open, run: runs.Run, view: str):
    at = open_page("metrics", run=run.id)
    return at.segmented_control(key="metrics-view").set_value(view).run()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens(open_page: Open, run: runs.Run, view: str) -> None:
    at = show(open_page, run, view)
    assert not at.exception and not at.error
    assert openings.count(run) == 0


def test_the_verdict_compares_with_guessing(open_page: Open, run: runs.Run) -> None:
    said = words(open_page("metrics", run=run.id))
    assert "always saying" in said and "Too few images" in said


def test_advice_on_the_worse_mistake_becomes_the_headline(open_page: Open, run: runs.Run) -> None:
    at = open_page("metrics", run=run.id)
    at.radio(key="metrics-worse").set_value("miss").run()
    at.selectbox(key="metrics-worse-class").set_value("red").run()
    at.button(key="metrics-take-advice").click().run()
    recall = store.figures(run)["per_class"]["red"]["recall"]
    assert {metric.label: metric.value for metric in at.metric}["Recall of 'red'"] == f"{100 * recall:.1f} %"


def test_a_rule_is_kept_when_the_person_says_so_and_not_before(open_page: Open, run: runs.Run) -> None:
    at = show(open_page, run, "costs")
    at.radio(key="metrics-rule").set_value("miss").run()
    at.selectbox(key="metrics-rule-class").set_value("green").run()
    assert decisions.load(run).kind == "highest"
    at.button(key="metrics-decide").click().run()
    assert not at.exception
    kept = decisions.load(run)
    assert kept.kind == "cost" and kept.costs == decisions.worse_miss(["blue", "green", "red"], "green", 10)
    assert "least expected cost" in words(at)


def test_whole_images_follow_the_prevalence(open_page: Open, run: runs.Run) -> None:
    at = show(open_page, run, "people")
    label = at.selectbox(key="metrics-people-class").value
    at.slider(key=f"metrics-prevalence-{label}").set_value(2.0).run()
    assert f"Of 1,000 images, 20 with '{label}'" in words(at).replace("\\", "")


def test_two_runs_are_compared_on_what_both_judged(open_page: Open, run: runs.Run) -> None:
    other = made.run("finished", name="Second")
    at = show(open_page, other, "compare")
    found = comparison.compare(run, other)
    assert f"On the {found['n_common']} validation images" in words(at)
    assert {metric.label: metric.value for metric in at.metric}["p (McNemar)"] == f"{found['p_value']:.3g}"


def test_without_a_second_run_comparing_says_so(open_page: Open, run: runs.Run) -> None:
    assert "Train a second run" in words(show(open_page, run, "compare"))


def test_a_run_whose_dataset_is_gone_still_has_its_figures(open_page: Open, workspace) -> None:
    orphan = made.run("finished")
    at = show(open_page, orphan, "mistakes")
    assert not at.exception
    assert "is gone" in words(at) or "Not one mistake" in words(at)


def test_openings_are_listed_with_their_rule(open_page: Open, run: runs.Run) -> None:
    openings.record(run, via="command line")
    at = show(open_page, run, "take")
    assert "Openings of the test result" in words(at)


def test_with_runs_of_other_datasets_only_comparing_says_what_to_do(open_page: Open, run: runs.Run) -> None:
    other = made.run("finished", name="Elsewhere")
    workspace.write_json(other.folder / "config.json", other.config() | {"dataset": "birds"})
    at = show(open_page, run, "compare")
    assert not at.exception and not at.error and "Train a second run" in words(at)
    at.button(key="metrics-again").click().run()
    assert at.session_state["finetune-view"] == "new"


def test_costs_are_shown_once_somebody_has_said_them(open_page: Open, run: runs.Run) -> None:
    labels = [metric.label for metric in open_page("metrics", run=run.id).metric]
    assert labels == ["Accuracy", "Balanced accuracy", "Macro F1"]
    rule = decisions.load(run)
    decisions.save(run, dataclasses.replace(rule, unknown_cost=0.2))
    assert "Costs per 1,000" in [metric.label for metric in open_page("metrics", run=run.id).metric]


def test_stakeholders_read_found_missed_and_false_alarms(open_page: Open, run: runs.Run) -> None:
    at = show(open_page, run, "people")
    drawn = "".join(str(block.proto.body) for block in at.get("html"))
    assert "found</b>" in drawn and "rightly passed over</b>" in drawn
