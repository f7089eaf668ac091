"""The run before, on the same images; and the leaderboard that bills all runs alike."""

import pytest

from core import workspace as files
from core.metrics import bills, comparison, decisions, leaderboard, previous
from core.training import notes
from tests.core.metrics import cases


def test_the_run_before_is_compared_image_by_image(workspace):
    first, second = cases.stored_run(seed=0), cases.stored_run(seed=0, skill=5)
    found = previous.compared(second, "macro_f1")
    theirs = comparison.compare(first, second, metric="macro_f1")
    assert found["difference"] == theirs["difference"] and found["interval"] == theirs["interval"]
    assert found["run"] == first.id and found["tone"] == "good"
    assert found["text"].startswith(f"Better than the previous run ({notes.title(first)})")
    assert found["text"].endswith("By Macro F1.")
    assert previous.compared(first) is None


def test_what_was_compared_is_kept_until_predictions_change(workspace, monkeypatch):
    cases.stored_run(seed=0)
    second = cases.stored_run(seed=0, skill=2)
    kept = previous.compared(second)
    with monkeypatch.context() as patch:
        patch.setattr(comparison, "compare", lambda *_, **__: pytest.fail("compared again"))
        assert previous.compared(second) == kept
    table = files.read_table(second.folder / "predictions.parquet")
    files.write_table(second.folder / "predictions.parquet", table.head(60))
    assert previous.compared(second)["n_common"] == 60


def test_a_run_of_another_dataset_or_without_common_images_is_not_the_previous_one(workspace):
    cases.stored_run(seed=0, dataset="other")
    second = cases.stored_run(seed=0)
    assert previous.find(second) is None
    files.write_table(
        second.folder / "predictions.parquet",
        files.read_table(second.folder / "predictions.parquet").assign(path=lambda t: "x" + t["path"]),
    )
    third = cases.stored_run(seed=0)
    assert previous.find(third).id == second.id and previous.compared(third) is None


def test_a_metric_of_no_confusion_matrix_gives_way_to_accuracy(workspace):
    cases.stored_run(seed=0)
    assert previous.compared(cases.stored_run(seed=0, skill=2), "log_loss")["metric"] == "accuracy"


def test_the_leaderboard_bills_every_run_by_one_rules_costs(workspace):
    own, other, stingy = (cases.stored_run(seed=0, skill=skill) for skill in (1.5, 2.0, 2.5))
    classes = ("a", "b", "c")
    costs = decisions.worse_miss(list(classes), "a", 20)
    decisions.save(own, decisions.Decision(classes=classes, kind="cost", costs=costs))
    decisions.save(stingy, decisions.Decision(classes=classes, unknown_below=0.9))
    judge = decisions.load(own)
    table = leaderboard.table([own, other, stingy], metric="expected_cost", judge=judge).set_index("run")
    for run in (own, other):
        seen, rule = run.predictions("validation"), decisions.load(run)
        cost = 1000 * bills.per_image(seen.true, rule.answer(seen.logits), judge).mean()
        assert table.loc[run.id, "expected_cost"] == pytest.approx(cost)
        assert table.loc[run.id, "low"] < cost < table.loc[run.id, "high"]
    assert table["expected_cost"].isna()[stingy.id]  # leaves images out, at no price
    assert leaderboard.table([own, other])["expected_cost"].isna().all()


def test_the_run_before_is_found_under_another_name_of_its_dataset(workspace):
    first, second = cases.stored_run(seed=0), cases.stored_run(seed=0, skill=5)
    for run, name in ((first, "pets"), (second, "animals")):
        files.write_json(run.folder / "config.json", run.config() | {"dataset": name})
    assert previous.find(second) is None
    for run in (first, second):
        files.write_json(run.folder / "config.json", run.config() | {"dataset_id": "one"})
    assert previous.find(second).id == first.id
