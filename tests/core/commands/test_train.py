"""The command line of training: what it prints is the contract."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from core import __main__ as entry
from core import workspace as workspaces
from core.__main__ import cli
from core.data import datasets
from core.errors import ConfigError, TrainingError, WeightsError
from core.split import config as split_configs
from core.split import store as splits
from core.training import config as configs
from core.training import jobs
from core.workspace import CHECKOUT

SMALL = (
    "--backbone mobilenet_v3_small --weights none --image-size 32 --batch-size 8 --precision fp32 --threads 1"
)


@pytest.fixture
def call(workspace, tiny_folder):
    """Runs a command with --json and gives what it printed."""
    division = split_configs.SplitConfig(train=0.5, validation=0.25, test=0.25, group_by="none")
    splits.make("thirds", datasets.add("tiny", tiny_folder), division)

    def run(line):
        result = CliRunner().invoke(
            cli, [*line.split(), "--json"], catch_exceptions=False, standalone_mode=False
        )
        return json.loads(result.stdout)

    return run


def test_train_says_what_came_of_it(call):
    said = call(f"train --dataset tiny --split thirds --epochs 1 {SMALL}")
    assert said["state"] == "finished"
    assert said["weights"] == "none"
    assert said["best_epoch"] == 1
    assert 0 <= said["validation"]["accuracy"] <= 1
    assert said["seconds"] > 0
    listed = call("runs")["runs"]
    assert [row["run"] for row in listed] == [said["run"]]
    assert listed[0] | {"created": ""} == {
        "run": said["run"],
        "dataset": "tiny",
        "split": "thirds",
        "state": "finished",
        "created": "",
        "validation_accuracy": said["validation"]["accuracy"],
    }


def test_train_says_the_image_size_and_the_rates_it_took(call, workspace):
    said = call(f"train --dataset tiny --split thirds --epochs 1 --learning-rate 0.002 {SMALL}")
    assert (said["image_size"], said["learning_rate"], said["backbone_learning_rate"]) == (32, 0.002, 0.001)
    assert said["peak_bytes"] > 1e7
    text = CliRunner().invoke(cli, ["train", "--resume", said["run"]], standalone_mode=False)
    assert "finished" in str(text.exception)
    from core import runs
    from core.commands import train

    assert train._learnt_with(runs.load(said["run"]).config()) == (
        " Image size 32, learning rate 0.002 for the head, 0.001 for the backbone."
    )
    quick = call(f"train --dataset tiny --split thirds --mode quick {SMALL}")
    assert quick["image_size"] == 32


def test_lr_find_suggests_a_rate(call, monkeypatch):
    monkeypatch.setattr("core.training.rate_finder.STEPS", 14)
    said = call(f"lr-find --dataset tiny --split thirds {SMALL}")
    assert len(said["rates"]) == len(said["losses"]) >= 10
    assert said["suggested"] is None or said["suggested"] in said["rates"]
    assert call("runs")["runs"] == []


def test_a_detached_run_goes_on_by_itself(call):
    """Also when the process that launched it has ended."""
    words = f"train --dataset tiny --split thirds --epochs 1 {SMALL} --detach --json".split()
    done = subprocess.run(
        [sys.executable, "-m", "core", *words], cwd=CHECKOUT, capture_output=True, check=True
    )
    said = json.loads(done.stdout)
    assert said["state"] in ("queued", "running")
    assert call(f"wait {said['run']}")["state"] == "finished"


def test_a_run_can_be_prepared_without_being_started(call):
    said = call(f"train --dataset tiny --split thirds --epochs 1 {SMALL} --prepare")
    assert said["state"] == "prepared"
    assert [row["state"] for row in call("runs")["runs"]] == ["prepared"]
    assert call(f"resume {said['run']}")["state"] == "finished"
    with pytest.raises(ConfigError, match="--prepare makes a new run"):
        call(f"train --resume {said['run']} --prepare")


def test_without_a_split_train_says_what_it_needs(call):
    with pytest.raises(ConfigError, match="--split"):
        call("train --dataset tiny")


def test_a_run_that_fails_is_an_error(call, tiny_folder):
    (tiny_folder / "red" / "01.png").unlink()
    with pytest.raises(TrainingError, match=r"01\.png cannot be read"):
        call(f"train --dataset tiny --split thirds --epochs 1 {SMALL}")


def test_a_persons_error_met_while_training_is_a_sentence_without_a_traceback(call, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    line = "train --dataset tiny --split thirds --weights imagenet --image-size 32 --json"
    done = subprocess.run(
        [sys.executable, "-m", "core", *line.split()], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "ImageNet weights for resnet18 are not on this disk" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("--weights starter --backbone mobilenet_v2", "for resnet18 only"),
        ("--weights imagenet", "not on this disk"),
    ],
)
def test_weights_that_cannot_be_had_are_refused_before_a_run_is_made(
    call, monkeypatch, tmp_path, settings, words
):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(WeightsError, match=words):
        call(f"train --dataset tiny --split thirds --detach {settings}")
    assert call("runs") == {"runs": []}


def test_a_graphics_card_that_is_not_there_is_refused_before_a_run_is_made(call, monkeypatch):
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(ConfigError, match="no device 'cuda'"):
        call("train --dataset tiny --split thirds --device cuda")


def test_a_damaged_run_is_listed_as_such(call, workspace):
    (workspace / "runs" / "20260101-000000-dead").mkdir(parents=True)
    (workspace / "runs" / "20260101-000000-dead" / "config.json").write_text("{")
    assert call("runs") == {"runs": [], "damaged": ["20260101-000000-dead"]}


@pytest.mark.parametrize("line", ["dataset add", "train --epochs x", "nothing", "metrics RUN --subset train"])
def test_a_wrong_call_is_one_sentence(line, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "core", *line.split()],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_waiting_for_a_run_whose_worker_was_killed_is_no_success(call, capsys, monkeypatch):
    config = configs.TrainingConfig(dataset="tiny", split="thirds", weights="none", device="cpu")
    run = jobs.prepare(config)
    workspaces.write_json(run.folder / "status.json", {"state": "running"})
    monkeypatch.setattr("sys.argv", ["core", "wait", run.id])
    assert entry.main() == 2
    assert "was interrupted: its worker ended without a word" in capsys.readouterr().err
