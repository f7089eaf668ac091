"""`metrics`, `decide`, `compare` and `report` as a person or a program calls them."""

import json

import pytest
from click.testing import CliRunner

from core import __main__ as entry
from core.metrics import openings
from tests.core.metrics import cases


@pytest.fixture
def run(workspace):
    return cases.stored_run(seed=0)


def call(*arguments):
    """The JSON object that a command prints."""
    result = CliRunner().invoke(entry.cli, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def fails(*arguments, capsys, monkeypatch):
    """What `python -m core` writes on standard error when it ends with status 2."""
    monkeypatch.setattr("sys.argv", ["core", *arguments])
    assert entry.main() == 2
    return capsys.readouterr().err


def test_metrics_prints_the_contract(run):
    figures = call("metrics", run.id)
    assert figures["run"] == run.id and figures["subset"] == "validation" and figures["n_images"] == 90
    assert set(figures["per_class"]["a"]) >= {"precision", "recall", "f1", "support"}
    assert openings.count(run) == 0


def test_asking_for_the_test_is_an_opening(run):
    assert call("metrics", run.id, "--subset", "test")["openings"] == 1
    assert call("metrics", run.id, "--subset", "test")["openings"] == 2
    assert openings.history(run)[0]["via"] == "command line"


def test_metrics_without_json_reads_as_text(run):
    result = CliRunner().invoke(entry.cli, ["metrics", run.id])
    assert "Accuracy" in result.stdout and "95 % interval" in result.stdout


def test_an_unknown_run_is_explained(workspace, capsys, monkeypatch):
    assert "no run" in fails("metrics", "nothing", capsys=capsys, monkeypatch=monkeypatch)
