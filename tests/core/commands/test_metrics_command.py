"""`metrics`, `decide`, `compare` and `report` as a person or a program calls them."""

import json

import pytest
from click.testing import CliRunner

from core import __main__ as entry
from core.inference import share
from core.metrics import openings, ruled
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
        (["--threshold", "a", "0.5", "--highest"], "not both"),
        (["--cost", "ZERO"], "No mistake costs anything"),
    ],
)
def test_decide_explains_what_it_cannot_do(run, options, words, tmp_path, capsys, monkeypatch):
    table = tmp_path / "costs.csv"
    table.write_text("truth,a,b,c\na,0,0,0\nb,0,0,0\nc,0,0,0\n")
    options = [str(table) if option == "ZERO" else option for option in options]
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


def test_a_comparison_that_cannot_be_made_opens_nothing(run, capsys, monkeypatch):
    other = cases.stored_run(seed=0, skill=4)
    command = ["compare", run.id, other.id, "--subset", "test", "--metric", "log_loss"]
    assert "cannot be compared" in fails(*command, capsys=capsys, monkeypatch=monkeypatch)
    assert openings.count(run) == openings.count(other) == 0


def test_a_run_against_itself_is_one_look(run):
    assert call("compare", run.id, run.id, "--subset", "test")["difference"] == 0
    assert openings.count(run) == 1


@pytest.mark.parametrize("inside", ["a-file/x.html", "a-file/deeper/x.html"])
def test_a_report_that_cannot_be_written_is_a_sentence_and_no_opening(
    run, tmp_path, capsys, monkeypatch, inside
):
    (tmp_path / "a-file").write_text("x")
    said = fails(
        "report", run.id, "--with-test", "--html", str(tmp_path / inside),
        capsys=capsys, monkeypatch=monkeypatch,
    )  # fmt: skip
    assert "cannot be written" in said and "is a file, not a folder" in said and said.count("\n") == 1
    assert openings.count(run) == 0


def test_costs_judge_a_rule_of_any_kind(run, tmp_path):
    table = tmp_path / "costs.csv"
    table.write_text("truth,a,b,c\na,0,50,50\nb,1,0,1\nc,1,1,0\n")
    by_threshold = call("decide", run.id, "--threshold", "a", "0.05", "--cost", str(table))
    assert by_threshold["decision"]["kind"] == "threshold" and by_threshold["decision"]["costs"]
    highest = call("decide", run.id, "--highest", "--cost", str(table))
    assert highest["decision"]["kind"] == "highest"
    assert (
        highest["expected_cost"] == highest["expected_cost_highest"] == by_threshold["expected_cost_highest"]
    )
    assert by_threshold["expected_cost"] < highest["expected_cost"]
    low, high = call("metrics", run.id)["expected_cost_interval"]
    assert low < highest["expected_cost"] < high


def test_an_unknown_without_a_price_is_no_saving(run):
    before = call("decide", run.id, "--highest")["expected_cost"]
    found = call("decide", run.id, "--unknown-below", "0.9")
    assert found["cost_basis"] == "answered" and found["coverage"] < 0.9
    assert found["expected_cost"] == found["expected_cost_highest"] and found["saved"] in (None, [0, 0])
    priced = call("decide", run.id, "--unknown-below", "0.9", "--unknown-cost", "0.2")
    assert priced["cost_basis"] == "all" and priced["expected_cost_highest"] == before
    text = CliRunner().invoke(entry.cli, ["decide", run.id, "--unknown-below", "0.9"]).stdout
    assert "answered images" in text and "no price" in text and "costs less than" in text


def test_metrics_says_what_the_previous_run_was_worth(run):
    later = cases.stored_run(seed=0)
    assert call("metrics", run.id)["previous"] is None
    found = call("metrics", later.id)["previous"]
    assert found["run"] == run.id and found["n_common"] == 90
    text = CliRunner().invoke(entry.cli, ["metrics", later.id]).stdout
    assert "Cannot yet be told apart from the previous run" in text


def test_the_text_is_under_the_rule_in_force(run):
    call("decide", run.id, "--unknown-below", "0.7")
    text = CliRunner().invoke(entry.cli, ["metrics", run.id]).stdout
    figures = call("metrics", run.id)
    shown = ruled.under(figures)
    assert f"Accuracy {100 * shown['accuracy']:.1f} %" in text
    assert f"as the most probable class, accuracy is {100 * figures['accuracy']:.1f} %" in text


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


def test_a_rule_that_is_refused_changes_no_share(run, capsys, monkeypatch):
    before = share.load(run)
    for rest in (["--threshold", "no such class", "0.5"], ["--unknown-cost", "2"]):
        fails("decide", run.id, "--turn-away", "0.3", *rest, capsys=capsys, monkeypatch=monkeypatch)
        assert share.load(run) == before
    found = call("decide", run.id, "--turn-away", "0.3", "--unknown-below", "0")
    assert "decision" in found and share.load(run) == 0.3


@pytest.mark.parametrize("metric", ["calibration", "subset", "n_images", "support:a"])
def test_what_is_no_metric_is_refused_in_a_sentence(run, metric, tmp_path, capsys, monkeypatch):
    asked = ["report", run.id, "--html", str(tmp_path / "r.html"), "--metric", metric]
    said = fails(*asked, capsys=capsys, monkeypatch=monkeypatch)
    assert "There is no metric" in said
