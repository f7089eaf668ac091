"""Temperature against a general minimiser, reliability against a plain loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from sklearn import metrics as theirs

from core.metrics import calibration, scores
from tests.core.metrics import cases


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_temperature_equals_scipys_minimum_of_scikit_learns_log_loss(scale):
    true, logits = cases.random_case(5000, 4, seed=1)
    logits = logits * scale

    def loss(log_temperature):
        shares = scores.probabilities(logits, np.exp(log_temperature))
        return theirs.log_loss(true, shares, labels=range(4))

    best = optimize.minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    assert calibration.fit_temperature(true, logits) == pytest.approx(np.exp(best.x), rel=1e-4)


def test_scaled_logits_need_the_temperature_scaled_likewise():
    true, logits = cases.random_case(500, 3, seed=2)
    once, thrice = (calibration.fit_temperature(true, logits * k) for k in (1, 3))
    assert thrice == pytest.approx(3 * once, rel=1e-6)


def test_logits_that_are_true_log_probabilities_need_no_temperature():
    random = np.random.default_rng(3)
    logits = random.normal(size=(40_000, 3)) * 2
    chosen = (scores.probabilities(logits).cumsum(axis=1) < random.random((40_000, 1))).sum(axis=1)
    assert calibration.fit_temperature(chosen, logits) == pytest.approx(1, abs=0.03)
    assert calibration.reliability(chosen, scores.probabilities(logits)).error < 0.01


def test_perfect_and_useless_scores_stop_at_the_ends():
    true = np.arange(60) % 3
    right = np.eye(3)[true]
    assert calibration.fit_temperature(true, right * 5) == pytest.approx(calibration.COLDEST, rel=1e-6)
    assert calibration.fit_temperature(true, -right * 5) == pytest.approx(calibration.HOTTEST, rel=1e-6)


@pytest.mark.parametrize(("n", "classes"), [(19, 3), (50, 1)])
def test_too_few_images_or_classes_fit_no_temperature(n, classes):
    assert calibration.fit_temperature(np.zeros(n, np.int64), np.ones((n, classes))) == 1.0


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 1), st.booleans()), min_size=1, max_size=60))
def test_reliability_equals_a_plain_loop(pairs):
    confidence = np.array([c for c, _ in pairs])
    right = np.array([r for _, r in pairs])
    shares = np.stack([confidence, 1 - confidence], axis=1)
    shares[confidence == 0.5] = [0.5, 0.5]
    found = calibration.reliability(np.where(right, 0, 1), shares, bins=10)
    error = 0.0
    for k in range(10):
        inside = (confidence > found.edges[k]) & (confidence <= found.edges[k + 1])
        assert found.count[k] == inside.sum()
        if inside.any():
            error += abs(right[inside].mean() - confidence[inside].mean()) * inside.mean()
    assert found.error == pytest.approx(error, abs=1e-12)


def test_a_probability_of_0_and_of_1_fall_into_the_outer_bins():
    found = calibration.reliability(np.array([0, 0]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert found.count[-1] == 2 and found.error == 0
