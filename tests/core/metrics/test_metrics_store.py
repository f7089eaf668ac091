"""Figures kept with the run, and the sealed test subset's openings."""

import numpy as np
import pytest

from core import workspace as files
from core.errors import MetricsError, TrainingError
from core.metrics import decisions, openings, record, scored, store
from tests.core.metrics import cases


@pytest.fixture
def run(workspace):
    return cases.stored_run(seed=0)


def test_figures_are_kept_and_read_back(run):
    first = store.precompute(run)
    assert first["run"] == run.id
    assert (run.folder / "metrics.json").exists()
    kept = files.read_json(run.folder / "metrics.json")
    kept["figures"]["accuracy"] = 0.123
    files.write_json(run.folder / "metrics.json", kept)
    assert store.figures(run)["accuracy"] == 0.123


def test_another_rule_leaves_what_it_does_not_change_alone(run, monkeypatch):
    before = store.figures(run)
    monkeypatch.setattr(scored, "as_scored", lambda *_, **__: pytest.fail("scored again"))
    decisions.save(run, decisions.Decision(classes=("a", "b", "c"), unknown_below=0.6))
    after = store.figures(run)
    assert after["under_decision"]["n_changed"] > 0 == before["under_decision"]["n_changed"]
    assert after["intervals"]["macro_f1"] == before["intervals"]["macro_f1"]


def test_new_predictions_or_another_rule_make_kept_figures_stale(run):
    before = store.figures(run)
    decisions.save(
        run, decisions.Decision(classes=("a", "b", "c"), kind="threshold", label="a", threshold=0.01)
    )
    after = store.figures(run)
    assert after["expected_cost"] != before["expected_cost"]
    table = files.read_table(run.folder / "predictions.parquet")
    files.write_table(run.folder / "predictions.parquet", table.head(60))
    assert store.figures(run)["n_images"] < after["n_images"]


def test_a_damaged_file_is_computed_again(run):
    first = store.figures(run)
    (run.folder / "metrics.json").write_text("{")
    assert store.figures(run) == first


def test_each_opening_of_the_test_is_recorded_with_its_rule(run):
    assert openings.count(run) == 0
    assert store.open_test(run, via="page")["openings"] == 1
    decisions.save(run, decisions.Decision(classes=("a", "b", "c"), unknown_below=0.6))
    assert store.open_test(run, via="command line")["openings"] == 2
    first, second = openings.history(run)
    assert (first["via"], second["via"]) == ("page", "command line")
    assert second["rule"]["unknown_below"] == 0.6
    assert first["when"].endswith("+00:00")


def test_an_opening_holds_for_the_rule_under_which_it_was_made(run):
    store.open_test(run, via="page")
    assert len(openings.under_rule(run)) == 1
    assert openings.said(run) == "The test result has been opened once."
    assert record.everything(run)["test"]["openings"] == 1
    decisions.save(run, decisions.Decision(classes=("a", "b", "c"), unknown_below=0.6))
    assert openings.under_rule(run) == [] and openings.count(run) == 1
    assert openings.said(run).endswith("opened once, never under the decision rule in force.")
    assert record.everything(run)["test"] is None
    store.open_test(run, via="command line")
    assert openings.said(run).endswith("opened twice, once under the decision rule in force.")
    assert record.everything(run)["test"]["openings"] == 2


def test_figures_that_cannot_be_computed_open_nothing(run):
    table = files.read_table(run.folder / "predictions.parquet")
    table["logits"] = [row * np.nan for row in table["logits"]]
    files.write_table(run.folder / "predictions.parquet", table)
    with pytest.raises(MetricsError, match="not finite"):
        store.open_test(run, via="command line")
    assert openings.count(run) == 0


def test_looking_at_validation_opens_nothing(run):
    store.figures(run)
    assert openings.history(run) == []


def test_an_empty_test_subset_is_no_opening(workspace):
    run = cases.stored_run(seed=1, subsets=("validation",))
    with pytest.raises(TrainingError, match="no test images"):
        store.open_test(run, via="page")
    assert openings.count(run) == 0


def test_groups_come_from_the_manifest(workspace):
    run = cases.stored_run(seed=2, groups=True)
    assert store.figures(run)["n_groups"] < store.figures(run)["n_images"]


def test_without_validation_images_the_test_is_scored_uncalibrated(workspace):
    run = cases.stored_run(seed=3, subsets=("test",))
    assert store.open_test(run, via="page")["calibration"]["fitted"] is False
    with pytest.raises(TrainingError):
        store.figures(run, "validation")


def test_metrics_need_no_torch():
    import subprocess
    import sys

    code = (
        "import sys, core.metrics.store, core.commands.metrics;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'plotly', 'streamlit')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
