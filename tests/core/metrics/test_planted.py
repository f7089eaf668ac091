"""The lesson's 1 % case: what the costs imply is what the rule finds."""

import numpy as np
import pytest
from scipy import stats

from core.metrics import calibration, planted


def test_never_saying_cancer_is_99_percent_accurate_and_finds_none():
    never, _, _ = planted.tell(100)
    assert (never.accuracy, never.found, never.false_alarms) == (0.99, 0, 0)
    assert never.cost == 100 * 100


@pytest.mark.parametrize("times", [1, 10, 100, 1000])
def test_the_cost_rule_finds_the_share_that_the_costs_imply(times):
    _, plain, least = planted.tell(times)
    cut = (np.log(1 / times) - np.log(0.01 / 0.99) + planted.APART**2 / 2) / planted.APART
    assert least.found == pytest.approx(100 * stats.norm.sf(cut - planted.APART), abs=1)
    assert least.false_alarms == pytest.approx(9900 * stats.norm.sf(cut), abs=1)
    assert least.cost <= plain.cost and least.found >= plain.found


def test_the_planted_probabilities_are_calibrated():
    scans = planted.case()
    assert calibration.fit_temperature(scans.true, scans.logits) == pytest.approx(1, abs=0.02)
