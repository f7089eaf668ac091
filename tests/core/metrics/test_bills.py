"""What answers cost, by hand; and that an unknown is never a saving."""

import numpy as np
import pytest

from core.metrics import bills, decisions, intervals

COSTS = ((0.0, 1.0), (10.0, 0.0))
UNKNOWN = decisions.UNKNOWN
TRUE = np.array([0, 0, 1, 1])
PLAINLY = np.array([0, 1, 0, 0])
ANSWERS = np.array([0, 1, 0, UNKNOWN])


def judge(**options):
    return decisions.Decision(classes=("a", "b"), kind="cost", costs=COSTS, **options)


def test_with_a_price_every_image_is_on_the_bill():
    found = bills.bill(TRUE, ANSWERS, PLAINLY, judge(unknown_cost=2.0))
    assert found.basis == "all"
    assert found.after == pytest.approx(1000 * (0 + 1 + 10 + 2) / 4)
    assert found.before == found.highest == pytest.approx(1000 * (0 + 1 + 10 + 10) / 4)
    assert found.break_even == 10
    assert found.between is None and found.saved is None  # four images


@pytest.mark.parametrize("price", [None, 0.0])
def test_without_a_price_both_sides_count_the_answered_images_alone(price):
    found = bills.bill(TRUE, ANSWERS, PLAINLY, judge(unknown_cost=price))
    assert found.basis == "answered"
    assert found.after == found.before == pytest.approx(1000 * (0 + 1 + 10) / 3)
    assert found.highest == pytest.approx(1000 * 21 / 4)
    assert found.break_even == 10


def test_nothing_answered_costs_nothing_that_could_be_named():
    found = bills.bill(TRUE, np.full(4, UNKNOWN), PLAINLY, judge())
    assert found.after is None and found.before is None and found.break_even == pytest.approx(21 / 4)


def test_the_interval_holds_the_cost_and_groups_widen_it():
    random = np.random.default_rng(0)
    true, answers = random.integers(0, 2, 300), random.integers(0, 2, 300)
    alone = bills.bill(true, answers, answers, judge())
    groups = np.repeat(np.arange(60), 5)
    true, answers = np.repeat(true[:60], 5), np.repeat(answers[:60], 5)
    grouped = bills.bill(true, answers, answers, judge(), groups=groups.tolist())
    for found in (alone, grouped):
        assert found.between[0] < found.after < found.between[1]
    assert np.ptp(grouped.between) > 1.5 * np.ptp(alone.between)


def test_no_mistake_yet_does_not_mean_that_none_will_be_met():
    true = np.zeros(100, np.int64)
    found = bills.bill(true, true, true, judge())
    assert found.after == 0
    assert found.between == pytest.approx((0, 1000 * 5.5 * intervals.wilson(0, 100)[1]))


def test_only_rules_of_the_same_costs_and_price_are_comparable():
    assert bills.same_costs(judge(), judge(unknown_cost=0.0, unknown_below=0.4))
    assert not bills.same_costs(judge(), judge(unknown_cost=2.0))
    plain = decisions.Decision(classes=("a", "b"))
    assert not bills.same_costs(judge(), plain)
    ones = decisions.Decision(classes=("a", "b"), costs=((0.0, 1.0), (1.0, 0.0)))
    assert bills.same_costs(plain, ones)
