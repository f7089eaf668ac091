"""Slices: statsmodels' tests, a planted weakness found, a mix of classes not taken for one."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats import contingency_tables, multitest

from core.metrics import slices
from tests.core.metrics import cases


@pytest.mark.parametrize("seed", range(5))
def test_mantel_haenszel_equals_statsmodels(seed):
    random = np.random.default_rng(seed)
    true = random.integers(0, 3, 120)
    right, inside = random.random(120) < 0.7, random.random(120) < 0.4
    tables = []
    for k in range(3):
        a, b = right[true == k], inside[true == k]
        tables.append(np.array([[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]))
    expected = contingency_tables.StratifiedTable(tables).test_null_odds(correction=True).pvalue
    found = slices.tested(true, right, np.where(inside, 0, -1), 1)[0]
    # The correction may not turn a gap of less than half an image into one of the other sign.
    assert found == pytest.approx(expected, abs=1e-9) or (found == 1.0 and expected > 0.5)


def test_a_slice_that_can_tell_nothing_has_p_1():
    ones = np.ones(10, bool)
    assert slices.tested(np.zeros(10, int), ones, np.arange(10) % 2, 2).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("values", [[0.01, 0.04, 0.03, 0.005], [0.5], [], [0.02, 0.02, 1.0]])
def test_holm_equals_statsmodels(values):
    found = slices.holm(np.array(values))
    expected = multitest.multipletests(values, method="holm")[1] if values else []
    np.testing.assert_allclose(found, expected)


def judged(n=600, seed=0):
    """Three classes at 100, 90 and 60 % accuracy, right or wrong at random."""
    random = np.random.default_rng(seed)
    true = random.integers(0, 3, n)
    right = random.random(n) < np.array([1.0, 0.9, 0.6])[true]
    return cases.predictions(true, np.eye(3)[np.where(right, true, (true + 1) % 3)]), random


def test_a_planted_weakness_is_found_and_noise_is_not():
    predictions, random = judged()
    dark = random.random(600) < 0.3
    logits = predictions.logits.copy()
    spoiled = dark & (random.random(600) < 0.4)
    logits[spoiled] = np.eye(3)[(predictions.true[spoiled] + 1) % 3]
    predictions = cases.predictions(predictions.true, logits)
    words = {
        "light": pd.Series(np.where(dark, "dark", "bright"), index=predictions.paths),
        "noise": pd.Series(random.choice(list("abcd"), 600), index=predictions.paths),
    }
    found = slices.table(predictions, words)
    assert found.loc[0, "slice"] == "dark" and found.loc[0, "accuracy"] < found.loc[0, "expected"]
    assert set(found.loc[found["differs"], "by"]) == {"light"}


def test_a_slice_that_only_holds_hard_classes_does_not_differ():
    """A folder of class 2 alone is 60 % right, as class 2 is: the class explains it."""
    predictions, random = judged(seed=1)
    inside = (predictions.true == 2) & (random.random(600) < 0.5)
    words = pd.Series(np.where(inside, "x", "y"), index=predictions.paths)
    found = slices.table(predictions, {"folder": words})
    row = found[found["slice"] == "x"].iloc[0]
    assert row["accuracy"] < 0.75 and not row["differs"]
    assert row["expected"] == pytest.approx(row["accuracy"], abs=0.15)


def test_false_alarms_stay_rare_over_many_looks():
    alarms = 0
    for seed in range(100):
        predictions, random = judged(150, seed)
        words = {
            str(k): pd.Series(random.choice(["a", "b", "c"], 150), index=predictions.paths) for k in range(5)
        }
        alarms += slices.table(predictions, words)["differs"].any()
    assert alarms <= 10  # 5 expected at most; more than 10 has a chance of about 1 %


def test_groups_that_go_wrong_together_are_no_false_alarm():
    """60 groups of 5 images, alike in nine tenths, in one of three folders; image by image 70 % alarm."""
    alarms = {"grouped": 0, "alone": 0}
    groups = np.repeat(np.arange(60), 5)
    for seed in range(100):
        random = np.random.default_rng(seed)
        true = random.integers(0, 2, 60)[groups]
        of_group = random.random(60) < 0.8
        right = np.where(random.random(300) < 0.9, of_group[groups], random.random(300) < 0.8)
        predictions = cases.predictions(true, np.eye(2)[np.where(right, true, 1 - true)])
        words = {
            str(k): pd.Series(random.choice(["a", "b", "c"], 60)[groups], index=predictions.paths)
            for k in range(5)
        }
        alarms["grouped"] += slices.table(predictions, words, groups=groups.tolist())["differs"].any()
        alarms["alone"] += slices.table(predictions, words)["differs"].any()
    assert alarms["grouped"] <= 7 and alarms["alone"] > 30


def test_a_real_weakness_is_found_among_groups_and_its_interval_knows_them():
    random = np.random.default_rng(3)
    groups = np.repeat(np.arange(120), 5)
    true, dark = random.integers(0, 2, 600), (np.arange(120) < 40)[groups]
    right = random.random(600) < np.where(dark, 0.5, 0.9)
    predictions = cases.predictions(true, np.eye(2)[np.where(right, true, 1 - true)])
    words = {"light": pd.Series(np.where(dark, "dark", "bright"), index=predictions.paths)}
    found = slices.table(predictions, words, groups=groups.tolist())
    assert found["differs"].all() and found.loc[0, "slice"] == "dark"
    tenfold = cases.predictions(np.repeat(true, 10), np.repeat(predictions.logits, 10, axis=0))
    words = {"light": pd.Series(np.where(np.repeat(dark, 10), "dark", "bright"), index=tenfold.paths)}
    again = slices.table(tenfold, words, groups=np.repeat(np.arange(600), 10).tolist())
    width = (found["high"] - found["low"]).to_numpy()
    assert ((again["high"] - again["low"]).to_numpy() > 0.7 * width).all()


def test_a_slice_of_one_group_can_tell_nothing():
    true, right = np.zeros(200, np.int64), np.arange(200) >= 20
    place, groups = np.where(np.arange(200) < 20, 0, 1), np.arange(200) // 20
    assert slices.tested(true, right, place, 2)[0] < 1e-6
    assert slices.tested(true, right, place, 2, groups).tolist() == [1.0, 1.0]


def test_expected_is_what_the_slices_classes_score_elsewhere_by_hand():
    """Class 0 elsewhere 2 of 4 right, class 1 elsewhere 3 of 3: 6 and 6 images expect 3 + 6 of 12."""
    true = np.array([0] * 6 + [1] * 6 + [0] * 4 + [1] * 3)
    right = np.r_[np.ones(12, bool), [True, True, False, False], np.ones(3, bool)]
    predictions = cases.predictions(true, np.eye(2)[np.where(right, true, 1 - true)])
    words = pd.Series(["x"] * 12 + [None] * 7, index=predictions.paths)
    found = slices.table(predictions, {"w": words})
    assert found["slice"].tolist() == ["x"] and found.loc[0, "images"] == 12
    assert found.loc[0, "expected"] == pytest.approx((6 * 0.5 + 6 * 1.0) / 12)


def test_quarters_hold_equal_shares_and_keep_equal_values_together():
    values = pd.Series(np.arange(100.0))
    assert slices.quarters(values).value_counts().between(24, 26).all()
    assert slices.quarters(pd.Series([5.0] * 10)).nunique() == 1
    assert slices.quarters(pd.Series([1.0] * 90 + [2.0] * 10)).nunique() == 2


def test_the_properties_of_a_dataset_become_words(workspace, tiny_folder):
    from core.data import datasets

    table = datasets.add("tiny", tiny_folder).table
    table = table.assign(**{"column:camera": ["a", "b"] * 18, "column:id": [str(k) for k in range(36)]})
    found = slices.features(table)
    assert {"brightness", "camera", "id"} <= set(found)
    assert "folder" not in found  # each folder is a class: the class by another name
    assert found["brightness"].nunique() <= 4 and found["id"].nunique() == 4  # numbers in quarters
    assert "short side (pixels)" not in found  # all images are of one size


def test_small_slices_and_missing_values_are_left_out():
    predictions, _ = judged(100)
    words = pd.Series(["rare"] * 9 + [None] * 41 + ["often"] * 50, index=predictions.paths)
    assert slices.table(predictions, {"x": words})["slice"].tolist() == ["often"]
    assert slices.table(predictions, {}).empty
