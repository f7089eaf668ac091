"""Two runs on the same images: statsmodels' McNemar, simulated coverage, flips."""

import numpy as np
import pytest
from statsmodels.stats import contingency_tables

from core.errors import MetricsError
from core.metrics import comparison, leaderboard, scores
from tests.core.metrics import cases


def pairs_of(true, first, second, n_classes=3):
    eye = np.eye(n_classes)
    return comparison.pair(cases.predictions(true, eye[first]), cases.predictions(true, eye[second]))


@pytest.mark.parametrize("seed", range(5))
def test_mcnemar_equals_statsmodels(seed):
    random = np.random.default_rng(seed)
    true, first, second = random.integers(0, 3, (3, 40))
    a, b = first == true, second == true
    table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
    expected = contingency_tables.mcnemar(table, exact=True).pvalue
    assert comparison.mcnemar(pairs_of(true, first, second)) == pytest.approx(expected, abs=1e-9)


def test_runs_that_never_part_have_p_1_and_an_interval_that_is_not_nothing():
    true = np.arange(30) % 3
    pairs = pairs_of(true, true, true)
    assert comparison.mcnemar(pairs) == 1.0
    gain, (low, high) = comparison.difference(pairs)
    assert gain == 0 and -0.2 < low < 0 < high < 0.2


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


@pytest.mark.parametrize("n", [50, 500])
def test_the_paired_bootstrap_covers_95_percent(n):
    """Both right 75 %, only the first 10 %, only the second 5 %: the true difference is -5 points."""
    random = np.random.default_rng(n)
    inside = 0
    for seed in range(1000):
        kind = random.choice(4, size=n, p=[0.75, 0.10, 0.05, 0.10])
        true = np.zeros(n, np.int64)
        pairs = pairs_of(true, np.isin(kind, [2, 3]).astype(int), np.isin(kind, [1, 3]).astype(int), 2)
        _, (low, high) = comparison.difference(pairs, draws=300, seed=seed)
        inside += low <= -0.05 <= high
    assert 0.93 <= inside / 1000 <= 0.98


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
