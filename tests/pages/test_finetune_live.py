"""Finetune, a run that is watched: within an epoch, by the chosen metric, and when it fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import runs, upkeep
from core import workspace as files
from core.data import identity
from core.training import confusions
from pages.parts import run_picker
from pages.parts import words as page_words
from pages.parts.finetune import charts, given
from tests.pages import made
from tests.pages.conftest import Open, words


def change(run: runs.Run, **values: object) -> runs.Run:
    """The run with other settings in its configuration."""
    path = run.folder / "config.json"
    files.write_json(path, files.read_json(path) | values)
    return run


@pytest.fixture
def first_epoch(workspace: Path) -> Iterator[runs.Run]:
    """A run in the middle of its first epoch: this test holds its lock."""
    run = made.run(
        "running",
        done=0,
        epoch=1,
        step=3,
        steps=9,
        total=36,
        loss=1.234,
        losses=[1.4, 1.3, 1.234],
        learning_rate=2e-3,
        images_per_second=17.0,
        seconds_left=75.0,
        message="Epoch 1 of 4, step 3 of 9",
        memory="Memory ran out: batches are computed 4 images at once, and their gradients added up.",
    )
    change(run, learning_rate=5e-3, backbone_learning_rate=3e-5)
    with files.lock(run.lock_path):
        yield run


def metrics(at) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_within_the_first_epoch_there_is_already_much_to_see(open_page: Open, first_epoch: runs.Run) -> None:
    at = open_page("finetune", run=first_epoch.id)
    assert not at.exception
    shown = metrics(at)
    assert shown["Loss in this epoch"] == "1.234"
    assert shown["Images per second"] == "17"
    assert shown["Learning rate"] == "2.0e-03"
    assert "The first pass through all training images" in words(at)
    assert [warning.value for warning in at.warning] == [page_words.plain(first_epoch.status()["memory"])]


def test_the_metric_that_chooses_the_best_epoch_is_shown_everywhere(open_page: Open) -> None:
    run = made.run("finished", best_epoch=2)
    change(run, metric="macro_f1", learning_rate=1e-3, backbone_learning_rate=1e-3)
    at = open_page("finetune", run=run.id)
    assert not at.exception
    shown = metrics(at)
    assert shown["Validation macro F1"] == "69.0 %"  # of the best epoch, not of the highest
    assert shown["Validation accuracy"] == "70.0 %"
    assert "**69.0 %** :gray[validation macro F1]" in words(at)
    assert "**Learning rate**" in words(at)
    assert len(at.get("plotly_chart")) == 3


def test_what_a_run_took_is_told(open_page: Open) -> None:
    run = made.run("finished", seconds=83.0, peak_bytes=1_200_000_000)
    at = open_page("finetune", run=run.id)
    (took,) = [metric for metric in at.metric if metric.label == "Took"]
    assert took.value == "1 min 23 s" and "1.2 GB of memory" in took.delta


def test_the_planned_rates_are_those_of_the_schedule() -> None:
    from core.training import schedule

    config = {"epochs": 4, "head_epochs": 1, "learning_rate": 5e-3, "backbone_learning_rate": 3e-5}
    head, backbone = charts.planned(config | {"schedule": "one-cycle"}).data
    assert head.y[0] == pytest.approx(5e-3 * schedule.factor(0, "one-cycle"))
    assert max(head.y) == pytest.approx(5e-3)
    assert backbone.y[0] is None, "the backbone waits for the head"
    assert max(value for value in backbone.y if value) == pytest.approx(3e-5, rel=1e-3)


def test_a_run_that_failed_for_want_of_its_images_leads_to_the_dataset(
    open_page: Open, tiny_folder: Path
) -> None:
    made.dataset_and_split(tiny_folder)
    gone = "red/01.png cannot be read any more (No such file). Put it back, relink the dataset's folder."
    run = made.run("failed", done=0, error=gone)
    at = open_page("finetune", run=run.id)
    primary = [button.label for button in at.button if button.proto.type == "primary"]
    assert primary == ["Dataset → Manage"]
    at.button(key="finetune-to-manage").click().run()
    assert not at.exception
    assert "Manage" in at.query_params["view"]


def test_with_many_classes_the_confusion_matrix_is_drawn_from_the_cells_that_count(open_page: Open) -> None:
    run = made.run("finished", done=0)
    names = [f"kind {i:02d}" for i in range(60)]
    change(run, classes=names)
    line = made.entry(1) | {
        "validation_confusion": [[2 if i == j else 0 for j in range(60)] for i in range(60)]
    }
    confusions.pack(line)
    files.append_line(run.folder / "history.jsonl", line)
    at = open_page("finetune", run=run.id)
    at.segmented_control(key="finetune-look-full").set_value("confusion").run()
    assert not at.exception and len(at.get("plotly_chart")) == 1
    assert "Confusion matrix of the 120 validation images" in words(at)


def test_what_was_given_is_told_in_words_and_only_what_had_an_effect() -> None:
    run_config = {
        "dataset": "d", "split": "s", "mode": "quick", "backbone": "resnet18", "weights": "starter",
        "schedule": "one-cycle", "metric": "accuracy", "augment": "light", "views": 1, "balance": "weights",
        "image_size": 128, "seed": 0, "device": "cpu", "precision": "fp32", "threads": 2,
    }  # fmt: skip
    shown = dict(given.table(run_config).itertuples(index=False))
    assert shown["Weights"] == "starter weights" and shown["Uneven classes"] == "Weight the loss"
    assert shown["Device"] == "Processor"
    assert not {"Schedule", "Augmentation", "Best epoch by", "Views per image"} & set(shown)
    full = run_config | {"mode": "full", "ema": 0.99, "progressive": "on", "clip": None}
    shown = dict(given.table(full).itertuples(index=False))
    assert (shown["Schedule"], shown["Average of the weights"]) == ("One cycle", "0.99")
    assert shown["Start with small images"] == "On" and "Limit on each step" not in shown


def test_runs_that_are_called_alike_are_told_apart_and_keep_their_names(workspace: Path) -> None:
    first, second, other = made.run(name="Same"), made.run(name="Same"), made.run(name="Other")
    found = page_words.titles([first, second, other])
    assert found == {
        first.id: f"Same ({first.id[-4:]})",
        second.id: f"Same ({second.id[-4:]})",
        other.id: "Other",
    }
    labels = run_picker.labels([first, second, other])
    assert len(set(labels.values())) == 3
    assert all("ago" not in label and "just now" not in label for label in labels.values())


def test_runs_of_one_minute_have_titles_of_their_own(workspace: Path) -> None:
    one = change(made.run(), created="2026-11-24T22:40:05.123456+00:00")
    two = change(made.run(), created="2026-11-24T22:40:31.000000+00:00", mode="quick")
    twin = change(made.run(), created="2026-11-24T22:40:05.900000+00:00")
    found = page_words.titles([one, two, twin])
    assert found[two.id] == "Quick run of 24 Nov, 22:40:31"
    assert found[one.id] == f"Full run of 24 Nov, 22:40:05 ({one.id[-4:]})"
    assert len(set(found.values())) == 3


def test_the_list_holds_the_runs_of_this_dataset_until_all_are_asked_for(open_page: Open) -> None:
    mine = made.run("finished", name="Mine")
    theirs = change(made.run("finished", name="Theirs"), dataset="another")
    at = open_page("finetune", run=mine.id)
    opened = {button.key for button in at.button if (button.key or "").startswith("finetune-open-")}
    assert opened == {f"finetune-open-{mine.id}"}
    at.toggle(key="finetune-everywhere").set_value(True).run()
    assert not at.exception
    assert f"finetune-open-{theirs.id}" in [button.key for button in at.button]


def test_the_list_marks_the_run_that_the_page_shows(open_page: Open) -> None:
    first, second = made.run("finished", name="First"), made.run("finished", name="Second")
    at = open_page("finetune", run=first.id)
    shown = {button.key: button.label for button in at.button if "finetune-open-" in (button.key or "")}
    assert shown == {f"finetune-open-{first.id}": "Shown", f"finetune-open-{second.id}": "Open"}


@pytest.mark.parametrize("right", [True, False])
def test_an_answer_is_shown_with_the_truth_beside_it(right: bool) -> None:
    from pages.parts.finetune import watch

    answer = "cat" if right else "dog"
    shown = [{"path": "a", "label": "cat", "answer": answer, "probability": 0.8}]
    said = watch.markup(shown, {"a": "/a"})
    assert f"<b>{answer}</b> 80.0 %" in said and "is cat" in said


def test_the_list_calls_a_dataset_what_it_is_called_today(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    run = made.run("finished", name="First")
    owner = identity.of(made.DATASET).id
    change(run, dataset_id=owner)
    upkeep.rename_dataset(made.DATASET, "paints")
    later = made.run("finished", name="Second")
    change(later, dataset_id=owner, dataset="paints")
    at = open_page("finetune", run=later.id)
    said = words(at)
    assert not at.exception
    assert "colours" not in said.replace("colours-split", "") and said.count("paints · full") == 2


def test_an_empty_group_of_settings_has_no_tab(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    assert "Further" in [tab.label for tab in at.tabs]
    at.segmented_control(key="finetune-mode").set_value("quick").run()
    assert not at.exception and "Further" not in [tab.label for tab in at.tabs]
