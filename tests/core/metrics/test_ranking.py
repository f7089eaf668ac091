"""Areas and curves against scikit-learn's, the images' pulls against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as theirs

from core.metrics import ranking, scores

EXACT = {"rtol": 0, "atol": 1e-9}


def test_areas_equal_scikit_learn_and_are_nan_without_positives_or_negatives(case):
    true, logits = case
    shares = scores.probabilities(logits)
    for k in range(min(50, shares.shape[1])):
        positive = true == k
        area = ranking.areas(positive, shares[:, k])
        if not positive.any():
            assert np.isnan(area.average_precision)
        else:
            expected = theirs.average_precision_score(positive, shares[:, k])
            np.testing.assert_allclose(area.average_precision, expected, **EXACT)
        if positive.all() or not positive.any():
            assert np.isnan(area.auc)
        else:
            np.testing.assert_allclose(area.auc, theirs.roc_auc_score(positive, shares[:, k]), **EXACT)


scored = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=4, max_size=40)


def unpacked(pairs):
    return np.array([p for p, _ in pairs]), np.array([v for _, v in pairs], dtype=float)


@settings(max_examples=150, deadline=None)
@given(scored)
def test_the_pulls_on_the_auc_are_delongs_components(pairs):
    positive, value = unpacked(pairs)
    if positive.all() or not positive.any():
        return
    wins = np.sign(value[positive][:, None] - value[~positive][None, :]) / 2 + 0.5
    area = ranking.areas(positive, value)
    assert area.auc == pytest.approx(wins.mean(), abs=1e-12)
    np.testing.assert_allclose(area.pulls[1, positive] * positive.sum(), wins.mean(axis=1), atol=1e-12)
    np.testing.assert_allclose(area.pulls[1, ~positive] * (~positive).sum(), wins.mean(axis=0), atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(scored)
def test_the_pulls_on_average_precision_are_scikit_learns_change_by_weight(pairs):
    positive, value = unpacked(pairs)
    if not positive.any():
        return
    area = ranking.areas(positive, value)
    for i in range(len(value)):
        change = []
        for step in (1e-5, -1e-5):
            weights = np.ones(len(value))
            weights[i] += step
            change.append(theirs.average_precision_score(positive, value, sample_weight=weights))
        share = (
            area.average_precision / positive.sum() if positive[i] else 0.0
        )  # the number of positives grows
        assert area.pulls[0, i] - share == pytest.approx((change[0] - change[1]) / 2e-5, abs=1e-6)


def test_a_positive_that_does_not_count_itself_by_hand():
    """Ranked + - + -: precision 1 and 2/3; with each positive taken out, 1 (nothing is left) and 1/2."""
    area = ranking.areas(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.6]))
    assert area.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert area.others_precision == pytest.approx((1 + 1 / 2) / 2)


@settings(max_examples=80, deadline=None)
@given(scored)
def test_curves_pass_through_scikit_learns_points(pairs):
    positive, value = unpacked(pairs)
    if positive.all() or not positive.any():
        return
    ours = ranking.curve(positive, value)
    fpr, tpr, thresholds = theirs.roc_curve(positive, value, drop_intermediate=False)
    np.testing.assert_allclose(ours.thresholds, thresholds[1:])
    np.testing.assert_allclose(ours.recall, tpr[1:])
    np.testing.assert_allclose(ours.false_positive_rate, fpr[1:])
    precision, recall, _ = theirs.precision_recall_curve(positive, value)
    np.testing.assert_allclose(ours.precision[::-1], precision[:-1])
    np.testing.assert_allclose(ours.recall[::-1], recall[:-1])


def test_thinning_keeps_both_ends():
    random = np.random.default_rng(0)
    full = ranking.curve(random.random(5000) < 0.3, random.random(5000))
    thin = ranking.thin(full, points=100)
    assert len(thin.thresholds) <= 100
    assert (thin.recall[0], thin.recall[-1]) == (full.recall[0], full.recall[-1])
