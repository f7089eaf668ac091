"""Whether a target is met, where that takes more than comparing one figure."""

import pytest

from benchmarks import cost_growth, imbalance, time_left, training_speed, transfer


def test_the_recommended_balance_must_beat_the_plain_one_on_average():
    plain, better = [{"macro_f1": 0.5}, {"macro_f1": 0.7}], [{"macro_f1": 0.4}, {"macro_f1": 0.9}]
    found = {("full", "none"): plain, ("full", "weights"): better, ("quick", "none"): plain}
    assert imbalance.verdict(found, "full") == "full: weights beats none: met"
    found["full", "weights"] = [{"macro_f1": 0.5}, {"macro_f1": 0.7}]
    assert imbalance.verdict(found, "full") == "full: weights beats none: missed"
    assert imbalance.verdict(found, "quick") == ""


def test_gains_are_taken_seed_by_seed():
    plain = [{"macro_f1": 0.5}, {"macro_f1": 0.7}]
    better = [{"macro_f1": 0.6}, {"macro_f1": 0.7}]
    assert imbalance.against(better, plain) == "+0.050 (+0.000-+0.100)"
    assert imbalance.against(plain, plain) == ""


def test_the_starters_interval_must_lie_above_that_of_none():
    judged = {
        ("birds", "full", "none"): (0.5, 0.4, 0.6, 90),
        ("birds", "full", "starter"): (0.7, 0.61, 0.8, 90),
    }
    assert transfer.margins(judged) == ["birds, full: starter's interval above that of none: met"]
    judged["birds", "full", "starter"] = (0.65, 0.59, 0.7, 90)
    assert transfer.margins(judged) == ["birds, full: starter's interval above that of none: missed"]
    assert transfer.margins({("birds", "quick", "none"): (0.5, 0.4, 0.6, 90)}) == []


def test_a_ratio_is_taken_round_by_round():
    speeds = {"lesson's loop": [10.0, 20.0, 10.0], "ours": [30.0, 40.0, 25.0]}
    assert training_speed.ratios(speeds, "ours") == [3.0, 2.0, 2.5]
    rows = training_speed.rows(speeds, {"ours": "0.9"})
    assert rows[1] == ["ours", "30.0", "2.50", "30.0, 40.0, 25.0", "0.9"]


def test_growth_is_the_last_beside_the_first():
    found = [{"own": 200.0}, {"own": 900.0}, {"own": 220.0}]
    assert cost_growth.growth(found, "own") == pytest.approx(1.1)


def test_errors_of_the_time_left_are_told_by_three_figures():
    assert time_left.shape([0.5, 0.1, 0.2, 0.3, 0.4]) == (0.3, 0.4, 0.5)
