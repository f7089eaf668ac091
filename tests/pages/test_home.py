"""Home: what is done, what is next."""

from pathlib import Path

import pytest

from core import errors
from core import workspace as workspace_files
from core.data import datasets, drafts
from core.split import store as splits
from core.training import jobs
from tests.pages import made
from tests.pages.conftest import Open, words


def standings(page: str) -> list[str]:
    """The badges of the five steps, as words: Done, Next, Going on or Later."""
    return [
        line.split(" · ")[1].split("]")[0] for line in page.split("\n") if "-badge[" in line and " · " in line
    ]


def test_an_empty_workspace_begins_with_the_dataset(open_page: Open) -> None:
    at = open_page()
    assert standings(words(at)) == ["Next", "Later", "Later", "Later", "Later"]
    assert any(button.label == "Try it with sample images" for button in at.button)


def test_after_the_dataset_comes_the_split(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("colours", tiny_folder)
    at = open_page()
    assert standings(words(at)) == ["Done", "Next", "Later", "Later", "Later"]
    assert "36 images of 3 classes" in words(at)


def test_a_running_run_is_going_on(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.dataset_and_split(tiny_folder)
    run = made.run("running", epochs=5, done=2)
    with workspace_files.lock(run.lock_path):
        at = open_page()
        assert standings(words(at))[2] == "Going on"
        assert "Epoch 2 of 5" in words(at)


def test_a_run_that_was_killed_is_not_called_running(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    made.run("running", epochs=5, done=2)
    at = open_page()
    assert "**interrupted**" in words(at)
    assert standings(words(at))[2] == "Next"


def test_a_finished_run_leads_on_to_metrics(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    made.run("finished")
    assert standings(words(open_page())) == ["Done", "Done", "Done", "Next", "Later"]


def test_a_sample_that_cannot_be_made_says_why(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise errors.WorkspaceError("The disk of the workspace is full.")

    monkeypatch.setattr(datasets, "add", full)
    at = open_page()
    at.button(key="try-it").click().run()
    assert [error.value for error in at.error] == ["The disk of the workspace is full."]


def test_the_sample_path_launches_a_quick_run_and_leads_to_it(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched = []

    def launch(config: object) -> object:
        launched.append(config)
        return made.run("queued", done=0)

    monkeypatch.setattr(jobs, "launch", launch)
    added = datasets.add
    monkeypatch.setattr(datasets, "add", lambda name, source=None, progress=None: added(name, tiny_folder))
    at = open_page()
    at.button(key="try-it").click().run()
    assert not at.exception
    assert [(config.dataset, config.mode, config.weights) for config in launched] == [
        ("drawn-animals", "quick", "auto")
    ]
    assert at.title[0].value == "Finetune"


def test_the_sample_path_divides_anew_what_was_corrected_since(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched = []
    monkeypatch.setattr(jobs, "launch", lambda config: launched.append(config) or made.run("queued", done=0))
    datasets.add("drawn-animals", tiny_folder)
    open_page().button(key="try-it").click().run()
    drafts.exclude("drawn-animals", [datasets.load("drawn-animals").table["path"].iloc[0]])
    open_page().button(key="try-it").click().run()
    open_page().button(key="try-it").click().run()
    first, *later = [config.split for config in launched]
    assert first == "drawn-animals-70-15-15"
    assert later == ["drawn-animals-70-15-15-2"] * 2
    assert splits.current(splits.load(later[0]))


def test_a_result_that_was_opened_in_one_browser_is_done_in_every_other(
    open_page: Open, tiny_folder: Path
) -> None:
    made.dataset_and_split(tiny_folder)
    made.run("finished")
    open_page("metrics")
    assert standings(words(open_page())) == ["Done", "Done", "Done", "Done", "Next"]
