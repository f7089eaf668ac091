"""Areas and curves against scikit-learn's, DeLong's deviation against its definition."""

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
    for k, area in enumerate(ranking.one_against_rest(true, shares)[:50]):
        positive = true == k
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


@settings(max_examples=150, deadline=None)
@given(scored)
def test_delong_equals_its_definition_by_pairs(pairs):
    positive, value = np.array([p for p, _ in pairs]), np.array([v for _, v in pairs], dtype=float)
    if positive.sum() < 2 or (~positive).sum() < 2:
        return
    wins = np.sign(value[positive][:, None] - value[~positive][None, :]) / 2 + 0.5
    variance = (
        wins.mean(axis=1).var(ddof=1) / positive.sum() + wins.mean(axis=0).var(ddof=1) / (~positive).sum()
    )
    area = ranking.areas(positive, value)
    assert area.auc == pytest.approx(wins.mean(), abs=1e-12)
    assert area.auc_deviation == pytest.approx(np.sqrt(variance), abs=1e-12)


@settings(max_examples=80, deadline=None)
@given(scored)
def test_curves_pass_through_scikit_learns_points(pairs):
    positive, value = np.array([p for p, _ in pairs]), np.array([v for _, v in pairs], dtype=float)
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
