"""`metrics`, `decide`, `compare` and `report` as a person or a program calls them."""

import json

import pytest
from click.testing import CliRunner

from core import __main__ as entry
from core.inference import share
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


def test_decide_by_costs_is_kept_and_changes_the_answers(run, tmp_path):
    table = tmp_path / "costs.csv"
    table.write_text("truth,a,b,c\na,0,50,50\nb,1,0,1\nc,1,1,0\n")
    found = call("decide", run.id, "--cost", str(table))
    assert found["expected_cost"] < found["expected_cost_highest"]
    assert found["decision"]["kind"] == "cost" and found["decision"]["temperature"] > 0
    figures = call("metrics", run.id)
    assert figures["decision"] == found["decision"]
    assert figures["expected_cost"] == found["expected_cost"]
    assert figures["under_decision"]["recall"]["a"] >= figures["per_class"]["a"]["recall"]


def test_decide_by_threshold_and_by_unknown(run):
    found = call("decide", run.id, "--threshold", "b", "0.1", "--unknown-below", "0.5")
    assert found["decision"]["label"] == "b" and found["coverage"] < 1
    assert call("decide", run.id, "--highest")["decision"]["kind"] == "highest"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "Give --cost"),
        (["--threshold", "x", "0.5"], "no class 'x'"),
        (["--unknown-below", "1.5"], "from 0 to 1"),
        (["--threshold", "a", "0.5", "--cost", "PATH"], "not both"),
    ],
)
def test_decide_explains_what_it_cannot_do(run, options, words, tmp_path, capsys, monkeypatch):
    table = tmp_path / "costs.csv"
    table.write_text("truth,a,b,c\na,0,1,1\nb,1,0,1\nc,1,1,0\n")
    options = [str(table) if option == "PATH" else option for option in options]
    said = fails("decide", run.id, *options, capsys=capsys, monkeypatch=monkeypatch)
    assert words in said and said.count("\n") == 1
    assert not (run.folder / "decision.json").exists()


def test_compare_prints_the_contract(run):
    other = cases.stored_run(seed=0, skill=4)
    found = call("compare", run.id, other.id)
    assert set(found) >= {"difference", "interval", "p_value", "n_common", "flipped"}
    assert found["interval"][0] < found["difference"] < found["interval"][1]
    assert openings.count(run) == openings.count(other) == 0


def test_comparing_on_the_test_opens_both(run):
    other = cases.stored_run(seed=0, skill=4)
    call("compare", run.id, other.id, "--subset", "test")
    assert openings.count(run) == openings.count(other) == 1


def test_report_writes_one_file(run, tmp_path):
    path = tmp_path / "report.html"
    found = call("report", run.id, "--html", str(path))
    assert path.stat().st_size == found["bytes"] > 10_000
    assert path.read_text().startswith("<!doctype html>")


def test_the_share_of_unknowns_is_kept_with_the_run(run, capsys, monkeypatch):
    assert call("decide", run.id, "--turn-away", "0.1") == {"run": run.id, "turn_away": 0.1}
    assert share.load(run) == 0.1
    assert call("decide", run.id, "--highest", "--turn-away", "0.2")["decision"]["kind"] == "highest"
    assert share.load(run) == 0.2
    said = fails("decide", run.id, "--turn-away", "0.9", capsys=capsys, monkeypatch=monkeypatch)
    assert "choose above 0, up to 0.5" in said and share.load(run) == 0.2
