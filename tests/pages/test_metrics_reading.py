"""One reading for the whole Metrics page: under the rule, or as the most probable class."""

import json

import numpy as np
import pandas as pd
import pytest

from core import asked, runs, workspace
from core.data import ambiguous, datasets, drafts, identity
from core.metrics import decisions, evaluations, openings, ruled, store
from tests.pages import made
from tests.pages.conftest import Open, words

CLASSES = tuple(made.CLASSES)


@pytest.fixture
def run(workspace, tiny_folder) -> runs.Run:
    """A run whose rule hands some images on."""
    made.dataset_and_split(tiny_folder)
    found = made.run("finished", name="First")
    decisions.save(found, decisions.Decision(classes=CLASSES, unknown_below=0.85))
    return found


def show(open_page: Open, run: runs.Run, view: str = "overview"):
    at = open_page("metrics", run=run.id)
    return at.segmented_control(key="metrics-view").set_value(view).run()


def tiles(at) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def matrix(at) -> tuple[list[str], np.ndarray]:
    """The columns and the written numbers of the confusion matrix that is drawn."""
    (chart,) = [one for one in at.get("plotly_chart") if "confusion" in one.proto.id]
    heat, *written, _ = json.loads(chart.proto.spec)["data"]
    counts = np.zeros((len(heat["y"]), len(heat["x"])), int)
    for numbers in written:
        for column, row, text in zip(numbers["x"], numbers["y"], numbers["text"], strict=True):
            counts[heat["y"].index(row), heat["x"].index(column)] = int(text)
    return heat["x"], counts


def test_the_page_stands_under_the_rule_and_can_be_read_without_it(open_page: Open, run: runs.Run) -> None:
    figures = store.figures(run)
    shown = ruled.under(figures)
    at = show(open_page, run)
    assert shown["accuracy"] != figures["accuracy"]
    assert tiles(at)["Accuracy"] == f"{100 * shown['accuracy']:.1f} %"
    assert f"Answers **{100 * figures['under_decision']['coverage']:.1f} %**" in words(at)
    columns, counts = matrix(at)
    assert columns == [*CLASSES, "unknown"] and counts.tolist() == shown["confusion"]
    at.segmented_control(key="metrics-reading").set_value("plain").run()
    assert tiles(at)["Accuracy"] == f"{100 * figures['accuracy']:.1f} %"
    columns, counts = matrix(at)
    assert columns == list(CLASSES) and counts.tolist() == figures["confusion"]


@pytest.mark.parametrize("reading", ["rule", "plain"])
def test_the_gallery_agrees_with_the_matrix_in_either_reading(
    open_page: Open, run: runs.Run, reading: str
) -> None:
    at = show(open_page, run)
    at.segmented_control(key="metrics-reading").set_value(reading).run()
    columns, counts = matrix(at)
    for true, row in zip(CLASSES, counts, strict=True):
        for answer, count in zip(columns, row, strict=True):
            at.session_state["metrics-chosen"] = (true, answer)
            at.run()
            assert f"Is {true}, called {answer}: {count}" in words(at)


def test_a_rule_that_changes_nothing_asks_for_no_reading(open_page: Open, run: runs.Run) -> None:
    (run.folder / decisions.FILE).unlink()
    at = show(open_page, run)
    assert not [one for one in at.segmented_control if one.key == "metrics-reading"]


def test_another_rule_seals_the_test_again(open_page: Open, run: runs.Run) -> None:
    at = open_page("metrics", run=run.id)
    at.segmented_control(key="metrics-subset").set_value("test").run()
    at.button(key="metrics-open").click().run()
    assert at.metric and openings.count(run) == 1
    decisions.save(run, decisions.Decision(classes=CLASSES, unknown_below=0.5))
    at.run()
    assert not at.metric and "once, never under the decision rule in force" in words(at)
    assert openings.count(run) == 1
    at.button(key="metrics-open").click().run()
    assert at.metric and "twice, once under the decision rule in force" in words(at)


def test_an_unknown_without_a_price_saves_nothing(open_page: Open, run: runs.Run) -> None:
    at = show(open_page, run, "costs")
    at.radio(key="metrics-rule").set_value("miss").run()
    at.slider(key="metrics-rule-unknown").set_value(0.3).run()
    assert tiles(at)["Answered"] != "0.0 %" and not at.exception
    at.radio(key="metrics-rule").set_value("highest").run()
    at.slider(key="metrics-rule-unknown").set_value(0.85).run()
    assert "Mistakes/1,000 answered" in tiles(at) and "saves nothing by itself" in words(at)
    at.number_input(key="metrics-rule-handing").set_value(0.25).run()
    rule = decisions.Decision(classes=CLASSES, unknown_below=0.85, unknown_cost=0.25)
    seen = run.predictions("validation")
    answers = rule.answer(seen.logits)
    cost = 1000 * np.where(answers < 0, 0.25, answers != seen.true).mean()
    assert [one.value for one in at.metric if one.label == "Costs per 1,000"][-1] == f"{cost:,.1f}"


def test_each_score_of_a_class_is_followed_by_its_interval(open_page: Open, run: runs.Run) -> None:
    def columns(at) -> list[str]:
        (table,) = [one.value for one in at.dataframe if "roc_auc" in one.value]
        return list(table.columns)

    at = show(open_page, run)
    for name in ("precision", "recall", "f1", "average_precision", "roc_auc"):
        assert f"{name} between" in columns(at)
    at.toggle(key="metrics-class-intervals").set_value(False).run()
    assert not [name for name in columns(at) if "between" in name]


def test_ambiguous_images_are_so_in_every_run(open_page: Open, run: runs.Run) -> None:
    table = datasets.load(made.DATASET).table
    hashes = table.set_index("path")["sha256"]
    manifest = run.manifest().assign(sha256=lambda t: hashes.reindex(t["path"]).to_numpy())
    workspace.write_table(run.folder / "manifest.parquet", manifest)
    later = made.run("finished", name="Later")
    workspace.write_table(later.folder / "manifest.parquet", manifest)
    ambiguous.mark(made.DATASET, hashes.tolist())
    at = show(open_page, later, "mistakes")
    at.toggle(key="metrics-mistakes-hide").set_value(True).run()
    assert "0 mistakes" in words(at) and not at.exception


def evaluated(run: runs.Run, name: str) -> None:
    """Answers for the images of dataset `name`, as `core.inference.evaluate` keeps them."""
    table = datasets.load(name).table
    true = table["label"].map(list(CLASSES).index)
    logits = np.eye(3)[np.roll(true, 1)] * 5
    kept = table[["path", "label", "group", "sha256"]].assign(
        true=true, logits=list(logits.astype(np.float32)), known_as=None, unlike=False
    )
    workspace.write_table(evaluations.file(run, name), pd.DataFrame(kept))
    (run.folder / "model.safetensors").touch()
    workspace.write_json(
        evaluations.aside(run, name) / "record.json",
        {
            "run": run.id, "dataset": name, "dataset_version": datasets.version(name),
            "dataset_content": identity.fingerprint(table),
            "when": made.now(), "model": evaluations.model_written(run), "n_images": len(kept),
            "n_unreadable": 0, "n_unlike": 2, "n_known": {"train": 3}, "missing_classes": [],
            "unknown_classes": {"mouse": 4},
        },
    )  # fmt: skip


def test_other_images_are_drawn_by_the_same_views(open_page: Open, run: runs.Run) -> None:
    evaluated(run, made.DATASET)
    figures = store.figures(run, evaluations.subset(made.DATASET))
    at = open_page("metrics", run=run.id)
    at.segmented_control(key="metrics-subset").set_value("other").run()
    assert not at.exception
    assert "trained on 3 of these images" in words(at) and "mouse" in words(at)
    assert f"of {figures['n_images']} images of {made.DATASET}" in words(at)
    assert tiles(at)["Accuracy"] == f"{100 * ruled.under(figures)['accuracy']:.1f} %"
    for view in ("mistakes", "curves", "slices", "people", "take", "costs"):
        at.segmented_control(key="metrics-view").set_value(view).run()
        assert not at.exception and not at.error, view


def test_other_images_are_outdated_when_they_differ_and_not_after_an_edit_taken_back(
    open_page: Open, run: runs.Run
) -> None:
    evaluated(run, made.DATASET)
    path = datasets.load(made.DATASET).table["path"][0]
    for edit, outdated in (
        (lambda: drafts.exclude(made.DATASET, [path]), True),
        (lambda: drafts.undo(made.DATASET), False),
    ):
        edit()
        at = open_page("metrics", run=run.id)
        at.segmented_control(key="metrics-subset").set_value("other").run()
        assert ("The dataset has changed since" in words(at)) == outdated


def test_images_not_judged_yet_are_asked_for_in_a_process_of_its_own(
    open_page: Open, run: runs.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []
    monkeypatch.setattr(asked.Work, "ask", lambda self: begun.append(self.arguments))
    at = open_page("metrics", run=run.id)
    at.segmented_control(key="metrics-subset").set_value("other").run()
    assert not at.metric and "36 of its 36 images are of the run's classes" in words(at)
    at.button(key="metrics-other-ask").click().run()
    assert begun == [(run.id, made.DATASET)]
    work = evaluations.work(run, made.DATASET)
    work.tell(state="failed", message="The model is damaged.")
    at.run()
    assert any("damaged" in error.value for error in at.error)


def test_other_images_that_hold_the_test_are_sealed_under_each_new_rule(
    open_page: Open, run: runs.Run
) -> None:
    evaluated(run, made.DATASET)
    record = evaluations.aside(run, made.DATASET) / "record.json"
    workspace.write_json(record, workspace.read_json(record) | {"n_known": {"test": 6}})
    openings.record(run, via="page, evaluate")
    at = open_page("metrics", run=run.id)
    at.segmented_control(key="metrics-subset").set_value("other").run()
    assert at.metric and openings.count(run) == 1
    decisions.save(run, decisions.Decision(classes=CLASSES, unknown_below=0.5))
    at.run()
    assert not at.metric and "The test result is sealed" in words(at)
    at.button(key="metrics-open").click().run()
    assert at.metric and openings.count(run) == 2
