"""Finetune: a suggestion behind one button, settings for who wants them, runs that all can follow."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import errors, runs
from core import workspace as files
from core.model import weights_files
from core.training import config as configs
from core.training import forecasts, jobs, notes, waiting
from tests.pages import made
from tests.pages.conftest import Open, words


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[configs.TrainingConfig]:
    """What was launched; no worker is started."""
    seen: list[configs.TrainingConfig] = []

    def launch(config: configs.TrainingConfig) -> runs.Run:
        seen.append(config)
        return made.run("queued", done=0)

    monkeypatch.setattr(jobs, "launch", launch)
    return seen


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Which of cancel, pause and resume was asked for, and of which run."""
    seen: list[tuple[str, str]] = []
    for name in ("cancel", "pause", "resume"):
        monkeypatch.setattr(jobs, name, lambda run_id, name=name: seen.append((name, run_id)))
    return seen


@pytest.fixture
def running(workspace: Path) -> Iterator[runs.Run]:
    """A run whose worker lives: this test holds its lock."""
    run = made.run("running", name="Busy", done=2, seconds_left=75.0, message="Epoch 3 of 4, step 1 of 2")
    with files.lock(run.lock_path):
        yield run


def buttons(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def test_without_images_the_page_leads_to_them(open_page: Open) -> None:
    at = open_page("finetune")
    assert "Go to Dataset" in buttons(at)
    assert "Start finetuning" not in buttons(at)


def test_one_button_starts_what_is_suggested(
    open_page: Open, tiny_folder: Path, launched: list[configs.TrainingConfig]
) -> None:
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    said = words(at)
    assert "ResNet-18" in said and "Starter weights" in said and "24 images" in said
    at.button(key="finetune-start").click().run()
    assert not at.exception
    assert launched == [configs.TrainingConfig(dataset=made.DATASET, split=made.SPLIT)]
    assert "All runs" in words(at)


def test_after_a_launch_the_page_turns_to_the_run(
    open_page: Open, tiny_folder: Path, launched: list[configs.TrainingConfig]
) -> None:
    made.dataset_and_split(tiny_folder)
    earlier = made.run("finished")
    at = open_page("finetune", run=earlier.id)
    at.segmented_control(key="finetune-view").set_value("new").run()
    at.segmented_control(key="finetune-mode").set_value("quick").run()
    at.button(key="finetune-start").click().run()
    assert not at.exception
    assert launched == [configs.TrainingConfig(dataset=made.DATASET, split=made.SPLIT, mode="quick")]
    assert at.segmented_control(key="finetune-view").value == "runs"
    assert earlier.id not in at.query_params["run"]


def test_a_changed_setting_is_shown_launched_and_taken_back(
    open_page: Open, tiny_folder: Path, launched: list[configs.TrainingConfig]
) -> None:
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    at.number_input(key="finetune-epochs").set_value(9)
    at.selectbox(key="finetune-augment").select("strong").run()
    assert "9 epochs" in words(at) and "Augmentation: Strong" in words(at)
    at.button(key="finetune-reset").click().run()
    assert "9 epochs" not in words(at)
    at.number_input(key="finetune-seed").set_value(3).run()
    at.button(key="finetune-start").click().run()
    assert launched == [configs.TrainingConfig(dataset=made.DATASET, split=made.SPLIT, seed=3)]


def test_another_model_brings_its_own_weights(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    at.selectbox(key="finetune-backbone").select("mobilenet_v2").run()
    assert not at.exception
    assert "MobileNetV2" in words(at) and "Random weights" in words(at)


def test_a_duplicated_run_keeps_its_file_device_and_head_start(
    open_page: Open, tiny_folder: Path, tmp_path: Path, launched: list[configs.TrainingConfig]
) -> None:
    made.dataset_and_split(tiny_folder)
    elsewhere = tmp_path / "mine.safetensors"
    shutil.copy(weights_files.STARTER, elsewhere)
    config = configs.TrainingConfig(
        dataset=made.DATASET, split=made.SPLIT, weights=str(elsewhere), device="cuda:1", head_start="fit"
    )
    run = made.run("finished", asked=config)
    at = choose(open_page("finetune", run=run.id), "again")
    assert not at.exception
    assert at.selectbox(key="finetune-weights").value == str(elsewhere)
    assert at.selectbox(key="finetune-head_start").value == "fit"
    at.button(key="finetune-start").click().run()
    assert launched == [config]


def test_quick_mode_shows_only_what_has_an_effect_there(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    at.selectbox(key="finetune-balance").select("focal")
    at.selectbox(key="finetune-metric").select("loss").run()
    assert "finetune-views" not in [number.key for number in at.number_input]
    at.segmented_control(key="finetune-mode").set_value("quick").run()
    assert not at.exception
    shown = {box.key: box.options for box in at.selectbox}
    assert not {"finetune-metric", "finetune-augment", "finetune-head_start"} & set(shown)
    assert "Focus on hard images" not in shown["finetune-balance"]
    at.number_input(key="finetune-views").set_value(2).run()
    assert "finetune-augment" in [box.key for box in at.selectbox]


def test_a_prepared_run_can_be_started(open_page: Open, asked: list[tuple[str, str]]) -> None:
    run = made.run("prepared", done=0)
    at = open_page("finetune", run=run.id)
    assert "Prepared" in words(at)
    at.button(key="finetune-start").click().run()
    assert asked == [("resume", run.id)]


def test_a_refused_launch_says_why(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(config: configs.TrainingConfig) -> runs.Run:
        raise errors.TrainingError("'colours' has changed since the split was made.")

    monkeypatch.setattr(jobs, "launch", refuse)
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    at.button(key="finetune-start").click().run()
    assert [error.value for error in at.error] == ["'colours' has changed since the split was made."]


def test_a_living_run_is_what_one_sees_first(
    open_page: Open, running: runs.Run, asked: list[tuple[str, str]]
) -> None:
    at = open_page("finetune")
    assert "Busy" in words(at) and ":blue-badge" in words(at)
    assert {"Pause", "Cancel"} <= set(buttons(at))
    at.button(key="finetune-cancel").click().run()
    assert asked == [("cancel", running.id)]


def test_a_failed_run_shows_its_reason_and_its_log(open_page: Open) -> None:
    run = made.run("failed", done=1, error="The loss became NaN in epoch 2, step 1.")
    files.write_bytes(run.folder / "worker.log", b"something went wrong here")
    at = open_page("finetune", run=run.id)
    assert "The loss became NaN in epoch 2, step 1." in [error.value for error in at.error]
    assert "something went wrong here" in at.code[0].value


def test_a_killed_run_is_interrupted_and_can_be_resumed(
    open_page: Open, asked: list[tuple[str, str]]
) -> None:
    run = made.run("running", done=2)  # nobody holds its lock
    at = open_page("finetune", run=run.id)
    assert "Interrupted" in words(at)
    at.button(key="finetune-resume").click().run()
    assert asked == [("resume", run.id)]


def test_a_refused_request_says_why(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(run_id: str) -> None:
        raise errors.TrainingError("It has ended already.")

    monkeypatch.setattr(jobs, "resume", refuse)
    run = made.run("cancelled", done=1)
    at = open_page("finetune", run=run.id)
    at.button(key="finetune-resume").click().run()
    assert [error.value for error in at.error] == ["It has ended already."]


def test_warnings_of_the_worker_are_shown(open_page: Open) -> None:
    run = made.run("finished", advice=["Over-fitting since epoch 2."])
    at = open_page("finetune", run=run.id)
    assert [warning.value for warning in at.warning] == ["Over-fitting since epoch 2."]


def test_a_finished_run_leads_on_and_the_list_shows_its_score(open_page: Open) -> None:
    run = made.run("finished", name="The good one")
    at = open_page("finetune", run=run.id)
    assert {"Metrics", "Classify"} <= set(buttons(at))
    assert "**85.0 %** :gray[validation]" in words(at)


def test_one_can_watch_answers_and_confusion_as_well_as_curves(open_page: Open) -> None:
    run = made.run("finished")
    at = open_page("finetune", run=run.id)
    look = "finetune-look-full"
    at.segmented_control(key=look).set_value("samples").run()
    assert not at.exception
    at.select_slider(key=f"finetune-sample-{run.id}").set_value(2).run()
    assert any("called blue" in part.proto.body for part in at.get("html"))
    at.segmented_control(key=look).set_value("confusion").run()
    assert not at.exception and len(at.get("plotly_chart")) == 1


def test_augmented_images_can_be_seen_before_training(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    at.selectbox(key="finetune-augment").select("strong")
    at.number_input(key="finetune-image_size").set_value(32)
    at.toggle(key="finetune-preview").set_value(True).run()
    assert not at.exception
    assert len(at.get("image")) >= 3 * 6
    assert any("32 × 32 pixels" in caption.value for caption in at.caption)


def test_a_forecast_is_asked_for_followed_and_shown(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.dataset_and_split(tiny_folder)
    asked: list[configs.TrainingConfig] = []
    monkeypatch.setattr(forecasts, "ask", asked.append)
    at = open_page("finetune")
    at.button(key="finetune-forecast-ask").click().run()
    config = configs.TrainingConfig(dataset=made.DATASET, split=made.SPLIT)
    assert asked == [config]
    found = {
        "accuracy": 0.8,
        "interval": [0.7, 0.9],
        "seconds_full": 75.0,
        "advice": "More images will help.",
    }
    found["learning_curve"] = [{"fraction": share, "accuracy": share} for share in (0.25, 0.5, 0.75, 1.0)]
    found["cost"] = {"queue_seconds": 30.0, "memory_bytes": 900_000_000}
    files.write_json(forecasts.file(config), found)
    monkeypatch.setattr(waiting, "seconds", lambda device: 30.0)
    at.run()
    assert not at.exception
    said = words(at)
    assert "More images will help." in said and "about 1 min 15 s" in said and "900.0 MB" in said
    assert "About 1 min 15 s + 30 s in the queue" in said and "after 30 s in the queue" in said


def test_an_archived_run_is_listed_only_when_asked_for(open_page: Open) -> None:
    kept = made.run("finished", name="Kept")
    old = made.run("finished", name="Old")
    notes.write(old, notes.Notes(name="Old", tags=("unused",), archived=True))
    at = open_page("finetune", run=kept.id)
    assert "Old" not in words(at)
    at.toggle(key="finetune-archived").set_value(True).run()
    assert "**Old**" in words(at) and "unused" in words(at)
    at.text_input(key="finetune-find").set_value("unused").run()
    assert f"finetune-open-{old.id}" in [button.key for button in at.button]
    assert f"finetune-open-{kept.id}" not in [button.key for button in at.button]


def choose(at: AppTest, action: str) -> AppTest:
    return at.get("menu_button")[0].set_value(action).run()


def test_a_run_can_be_duplicated_with_changes(
    open_page: Open, tiny_folder: Path, launched: list[configs.TrainingConfig]
) -> None:
    made.dataset_and_split(tiny_folder)
    run = made.run("finished", epochs=4)
    at = choose(open_page("finetune", run=run.id), "again")
    assert not at.exception and "Epochs: 4" in words(at)
    at.number_input(key="finetune-epochs").set_value(6).run()
    at.button(key="finetune-start").click().run()
    assert launched == [jobs.again(run.id).but(epochs=6)]


def test_a_new_run_can_start_from_the_weights_of_another(
    open_page: Open, tiny_folder: Path, launched: list[configs.TrainingConfig]
) -> None:
    made.dataset_and_split(tiny_folder)
    run = made.run("finished", name="Teacher")
    at = choose(open_page("finetune", run=run.id), "from")
    assert not at.exception and "**Teacher**" in words(at)
    at.button(key="finetune-start").click().run()
    assert [config.start_from for config in launched] == [run.id]


def test_a_run_can_be_put_away_and_taken_out_again(open_page: Open) -> None:
    run = made.run("finished")
    at = choose(open_page("finetune", run=run.id), "archive")
    assert notes.read(run).archived
    choose(at, "unarchive")
    assert not notes.read(run).archived


def test_only_a_run_without_a_worker_can_be_deleted(open_page: Open, running: runs.Run) -> None:
    at = open_page("finetune", run=running.id)
    assert "Delete" not in str(at.get("menu_button")[0].options)
    ended = made.run("cancelled")
    at = open_page("finetune", run=ended.id)
    assert "Delete" in str(at.get("menu_button")[0].options)


def test_every_run_can_be_opened_from_the_list(open_page: Open) -> None:
    first = made.run("finished", name="First")
    made.run("failed", name="Second", error="No luck.")
    at = open_page("finetune")
    at.button(key=f"finetune-open-{first.id}").click().run()
    assert first.id in at.query_params["run"]
