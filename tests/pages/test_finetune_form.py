"""Finetune, the form for a new run: what it suggests, refuses and explains."""

from pathlib import Path

import pytest

from core import workspace as files
from core.data import datasets
from core.model import weights_files
from core.split import config as split_config
from core.split import store as splits
from core.training import answers, jobs, naming
from core.training import config as configs
from tests.pages import made
from tests.pages.conftest import Open, words

CONFIG = configs.TrainingConfig(dataset=made.DATASET, split=made.SPLIT)


def test_every_setting_has_its_field_and_its_words() -> None:
    shown = {field for group in naming.GROUPS.values() for field in group}
    elsewhere = {"dataset", "dataset_version", "split", "mode", "start_from", "download"}
    assert set(naming.TITLES) == shown | elsewhere
    settable = (set(configs.CHOICES) | set(configs.RANGES)) - {"mode"}
    assert settable <= shown
    choices = {value for field in settable & set(configs.CHOICES) for value in configs.CHOICES[field]}
    assert choices - set(naming.CHOICES) <= {"fp32", "bf16", "fp16"}


def test_a_number_out_of_range_is_said_and_not_used(open_page: Open, tiny_folder: Path, monkeypatch) -> None:
    launched = []
    monkeypatch.setattr(jobs, "launch", lambda config: launched.append(config) or made.run("queued", done=0))
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    at.number_input(key="finetune-epochs").set_value(5000).run()
    assert not at.exception
    assert "5000 is not from 1 to 1000. It is not used." in words(at)
    at.button(key="finetune-start").click().run()
    assert launched == [CONFIG]


def test_the_two_ways_promise_no_time_that_the_card_contradicts(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    for mode in ("full", "quick"):
        at.segmented_control(key="finetune-mode").set_value(mode).run()
        said = words(at)
        assert "in seconds" not in said and "takes minutes" not in said


def test_a_damaged_starter_is_said_and_the_form_stays(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / weights_files.STARTER.name
    broken.write_bytes(b"not what it was")
    monkeypatch.setattr(weights_files, "STARTER", broken)
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    assert not at.exception
    (said,) = [warning.value for warning in at.warning]
    assert "missing or damaged" in said
    at.selectbox(key="finetune-weights").select("none").run()
    assert not at.exception and not at.warning
    assert "finetune-start" in [button.key for button in at.button]


def test_uneven_classes_are_weighed_and_the_page_says_so(open_page: Open, tiny_folder: Path) -> None:
    for file in sorted(tiny_folder.glob("red/*.png"))[3:]:
        file.unlink()
    dataset = datasets.add(made.DATASET, tiny_folder)
    splits.make(made.SPLIT, dataset, split_config.SplitConfig(group_by="none"))
    at = open_page("finetune")
    said = words(at)
    assert "Your classes are uneven: 1 to " in said
    assert "each image of a small one counts more, and the best epoch is chosen by macro F1." in said
    at.selectbox(key="finetune-balance").select("none").run()
    assert "Nothing is done about it" in words(at)


def test_even_classes_need_no_word(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    assert "uneven" not in words(open_page("finetune"))


def found(suggested: float | None) -> dict:
    rates = [10 ** (-6 + i / 10) for i in range(50)]
    rates[20] = suggested or rates[20]
    return {
        "rates": rates,
        "losses": [2 - i / 50 for i in range(40)] + [2.0 + i for i in range(10)],
        "raw_losses": [1.0] * 50,
        "suggested": suggested,
        "suggested_backbone": None if suggested is None else suggested / 100,
        "current": {"learning_rate": 5e-3, "backbone_learning_rate": 5e-5},
    }


def test_a_learning_rate_is_searched_shown_and_taken_over(
    open_page: Open, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.dataset_and_split(tiny_folder)
    asked: list[configs.TrainingConfig] = []
    monkeypatch.setattr(answers.Kind, "ask", lambda self, config: asked.append(config))
    at = open_page("finetune")
    at.button(key="finetune-rates-ask").click().run()
    assert asked == [CONFIG]
    files.write_json(answers.RATES.file(CONFIG), found(0.00123))
    at.run()
    assert not at.exception
    assert "0.0012 for the head" in words(at)
    at.button(key="finetune-rates-use").click().run()
    assert not at.exception
    assert "Learning rate, head: 0\\.0012" in words(at)
    assert at.number_input(key="finetune-backbone_learning_rate").value == 1.2e-5
    assert "0.0012 for the head" in words(at), "the curve stays when its rate is taken over"


def test_where_the_loss_never_falls_nothing_is_suggested(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    files.write_json(answers.RATES.file(CONFIG), found(None))
    at = open_page("finetune")
    assert not at.exception
    assert "The loss falls at none of these rates" in words(at)
    assert "finetune-rates-use" not in [button.key for button in at.button]


def test_a_run_to_start_from_that_was_deleted_leaves_a_way_back(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    at = open_page("finetune")
    at.session_state["finetune-start_from"] = "20200101-000000-dead"
    at.run()
    assert not at.exception and "A run that is gone" in words(at)
    assert "finetune-start" in [button.key for button in at.button]
