"""Mean areas over the classes: equal weights give scikit-learn's, and the intervals cover."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as theirs

from core.metrics import areas, summary
from tests.core.metrics import cases


@pytest.mark.parametrize("seed", range(3))
def test_weighted_areas_equal_scikit_learns_with_sample_weights(seed):
    random = np.random.default_rng(seed)
    positive, share = random.random(60) < 0.4, np.round(random.random(60), 1)
    weights = random.exponential(size=(4, 60))
    found = areas._weighted(positive, share, weights)
    for one, precision, area in zip(weights, *found, strict=True):
        expected = theirs.average_precision_score(positive, share, sample_weight=one)
        assert precision == pytest.approx(expected, abs=1e-9)
        assert area == pytest.approx(theirs.roc_auc_score(positive, share, sample_weight=one), abs=1e-9)


def test_the_mean_auc_interval_covers_95_percent():
    """Two classes, 40 images each, d' = 1: both classes have the AUC of normal scores."""
    random = np.random.default_rng(0)
    truth = stats.norm.cdf(1 / np.sqrt(2))
    true = np.arange(80) % 2
    inside = 0
    for seed in range(300):
        score = random.normal(size=80) + true
        share = 1 / (1 + np.exp(-score))
        _, (low, high) = areas.macro(true, np.stack([1 - share, share], axis=1), None, draws=200, seed=seed)
        inside += low <= truth <= high
    assert 0.90 <= inside / 300 <= 0.985


def test_groups_widen_the_interval():
    true, logits = cases.random_case(200, 3, seed=1)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    tenfold, many = np.repeat(true, 5), np.repeat(shares, 5, axis=0)
    groups = np.repeat(np.arange(200), 5)
    alone, together = (areas.macro(tenfold, many, g)[1] for g in (None, groups))
    assert np.ptp(together) > 1.7 * np.ptp(alone)


def test_too_much_to_resample_and_perfect_orders_fall_back_on_the_classes_own_intervals(monkeypatch):
    true, logits = cases.random_case(200, 3, seed=2)
    monkeypatch.setattr(areas, "MOST", 0)
    figures = summary.summarise(cases.predictions(true, logits))
    low, high = figures["intervals"]["macro_roc_auc"]
    assert low < figures["macro_roc_auc"] < high
    perfect = summary.summarise(cases.predictions(true, np.eye(3)[true]))
    assert perfect["macro_roc_auc"] == 1 and perfect["intervals"]["macro_roc_auc"][0] < 1
