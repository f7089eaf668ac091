"""Two runs on the same images: statsmodels' McNemar, simulated coverage, flips."""

import dataclasses
import itertools
import json

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats import contingency_tables

from core.errors import MetricsError
from core.metrics import comparison, leaderboard, scores, verdict
from tests.core.metrics import cases


def pairs_of(true, first, second, n_classes=3):
    eye = np.eye(n_classes)
    return comparison.pair(cases.predictions(true, eye[first]), cases.predictions(true, eye[second]))


@pytest.mark.parametrize("seed", range(5))
def test_without_groups_the_p_value_is_statsmodels_mcnemar(seed):
    random = np.random.default_rng(seed)
    true, first, second = random.integers(0, 3, (3, 40))
    a, b = first == true, second == true
    table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
    expected = contingency_tables.mcnemar(table, exact=True).pvalue
    assert comparison.p_value(pairs_of(true, first, second)) == pytest.approx(expected, abs=1e-9)


def grouped(true, first, second, groups):
    pairs = pairs_of(true, first, second)
    return dataclasses.replace(pairs, groups=np.asarray(groups))


@pytest.mark.parametrize("seed", range(4))
def test_with_groups_it_is_the_share_of_all_sign_flips_that_part_as_far(seed):
    random = np.random.default_rng(seed)
    true, first, second = random.integers(0, 2, (3, 40))
    groups = np.arange(40) // 4
    balance = np.bincount(groups, (second == true).astype(int) - (first == true))
    flips = np.array(list(itertools.product([-1, 1], repeat=10)))
    expected = (np.abs(flips @ balance) >= abs(balance.sum()) - 1e-9).mean()
    assert comparison.p_value(grouped(true, first, second, groups)) == pytest.approx(expected, abs=1e-9)


def test_groups_that_part_together_reject_no_more_than_they_may():
    """40 groups of 5 that only one run gets right, by the toss of a coin; by image 37 % would reject."""
    random, rejected, alone = np.random.default_rng(0), 0, 0
    for _ in range(1000):
        first = np.repeat(random.integers(0, 2, 40) * (random.random(40) < 0.5), 5)
        second = np.repeat(random.integers(0, 2, 40) * (random.random(40) < 0.5), 5)
        pairs = grouped(np.zeros(200, np.int64), first, second, np.repeat(np.arange(40), 5))
        rejected += comparison.p_value(pairs) < 0.05
        alone += comparison.p_value(dataclasses.replace(pairs, groups=None)) < 0.05
    assert rejected / 1000 <= 0.07 and alone / 1000 > 0.2


def test_runs_that_never_part_have_p_1_and_an_interval_that_is_not_nothing():
    true = np.arange(60) % 3
    pairs = pairs_of(true, true, true)
    assert comparison.p_value(pairs) == 1.0
    for metric in ("accuracy", "macro_f1", "matthews", "cohen_kappa"):
        gain, (low, high) = comparison.difference(pairs, metric)
        assert gain == 0 and -0.2 < low < -0.01 and 0.01 < high < 0.2


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "matthews"])
def test_too_few_images_in_common_get_no_interval(metric):
    one = pairs_of([0], [0], [1])
    assert comparison.difference(one, metric)[1] is None
    true = np.arange(100) % 3
    few = grouped(true, true, (true + 1) % 3, np.arange(100) // 4)  # 25 groups
    assert comparison.difference(few, metric)[1] is None
    many = dataclasses.replace(few, groups=None)
    assert comparison.difference(many, metric)[1] is not None


def test_an_undefined_score_is_null_in_json_and_undefined_in_words(workspace):
    first, second = cases.stored_run(seed=0), cases.stored_run(seed=0)
    table = pd.read_parquet(second.folder / "predictions.parquet")
    table["logits"] = [np.array([5, 0, 0], np.float32)] * len(table)
    table.to_parquet(second.folder / "predictions.parquet")
    found = comparison.compare(first, second, metric="matthews")
    json.dumps(found, allow_nan=False)
    assert found["difference"] is None and found["interval"] is None and found["values"][1] is None
    assert "undefined" in verdict.against_other(found).text


def test_the_difference_is_second_minus_first_by_any_score():
    true, logits = cases.random_case(200, 3, seed=1)
    better = logits.copy()
    better[np.arange(200), true] += 1
    pairs = comparison.pair(cases.predictions(true, logits), cases.predictions(true, better))
    for metric in ("accuracy", "macro_f1", "matthews"):
        values = [
            scores.OF_TALLY[metric](
                scores.tally(scores.confusion_counts(true, one.argmax(axis=1), n_classes=3))
            )
            for one in (logits, better)
        ]
        gain, (low, high) = comparison.difference(pairs, metric)
        assert gain == pytest.approx(values[1] - values[0], abs=1e-12)
        assert 0 < low < gain < high


def test_only_images_judged_by_both_and_with_the_same_label_count():
    first = cases.predictions([0, 1, 2], np.eye(3))
    second = cases.predictions([0, 2], np.eye(3)[:2])
    assert comparison.pair(first, second).paths == ["00000.jpg"]
    with pytest.raises(MetricsError, match="no validation image in common"):
        comparison.pair(first, cases.predictions([2], np.eye(3)[:1]))


def test_runs_with_other_class_lists_are_matched_by_label():
    first = cases.predictions([0, 1], np.eye(2), classes=["a", "c"])
    second = cases.predictions([0, 2], np.eye(3)[[0, 1]], classes=["a", "b", "c"])
    pairs = comparison.pair(first, second)
    assert pairs.classes == ["a", "b", "c"]
    assert pairs.first.tolist() == [0, 2] and pairs.second.tolist() == [0, 1]


def test_flipped_images_are_named_the_newly_wrong_first():
    found = comparison.flipped(pairs_of([0, 1, 2, 0], [1, 1, 0, 0], [0, 2, 1, 0]))
    assert [(entry["path"], entry["became"]) for entry in found] == [
        ("00001.jpg", "wrong"),
        ("00000.jpg", "right"),
        ("00002.jpg", "still wrong"),
    ]


def test_runs_of_the_workspace_are_compared_with_their_settings(workspace):
    first, second = cases.stored_run(seed=0), cases.stored_run(seed=0, skill=4)
    found = comparison.compare(first, second)
    assert found["n_common"] == 90 and found["difference"] > 0
    assert found["configuration"] == {}
    elsewhere = cases.stored_run(seed=0, dataset="copy")
    assert comparison.compare(first, elsewhere)["n_common"] == 90  # matched by content, not by path
    assert comparison.compare(first, elsewhere)["configuration"]["dataset"] == ["drawn", "copy"]


def test_grouped_images_make_the_difference_less_sure(workspace):
    first, second = (cases.stored_run(seed=0, groups=True, skill=s) for s in (1.0, 1.6))
    a, b = first.predictions("validation"), second.predictions("validation")
    groups = list(np.repeat(np.arange(9), 10))
    alone, together = (comparison.difference(comparison.pair(a, b, groups=g))[1] for g in (None, groups))
    assert together != alone


def test_the_leaderboard_ranks_by_any_metric_and_leaves_out_what_has_no_figures(workspace):
    weak, strong = cases.stored_run(seed=0, skill=0.5), cases.stored_run(seed=0, skill=3)
    cases.stored_run(seed=1, subsets=("test",))
    found = leaderboard.table([weak, strong], metric="macro_f1")
    assert found["run"].tolist() == [strong.id, weak.id]
    assert (found["low"] < found["macro_f1"]).all() and (found["macro_f1"] < found["high"]).all()
    assert leaderboard.table([weak, strong], metric="log_loss")["run"].tolist() == [strong.id, weak.id]
    assert leaderboard.table([weak], metric="recall:a")["recall:a"].notna().all()
    assert leaderboard.table([]).empty
