"""Temperature against a general minimiser, reliability against a plain loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from sklearn import metrics as theirs

from core.metrics import calibration, scores
from tests.core.metrics import cases


def scipys(loss):
    found = optimize.minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    return np.exp(found.x)


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
@pytest.mark.parametrize(("n", "apart"), [(500, 0.01), (5000, 0.001)])
def test_temperature_is_all_but_scipys_minimum_of_scikit_learns_log_loss(scale, n, apart):
    true, logits = cases.random_case(n, 4, seed=1)
    best = scipys(
        lambda heat: theirs.log_loss(
            true, scores.probabilities(logits * scale, np.exp(heat)), labels=range(4)
        )
    )
    assert calibration.fit_temperature(true, logits * scale) == pytest.approx(best, rel=apart)


@pytest.mark.parametrize("skill", [1.0, 40.0])
def test_temperature_is_scipys_minimum_with_the_pseudo_image(skill):
    """Its half right and half runner-up is every image's, 1 / (2 n) each."""
    true, logits = cases.random_case(80, 3, seed=2, skill=skill)
    order = np.argsort(-logits, axis=1)

    def loss(heat):
        terms = [scores.losses(labels, logits, np.exp(heat)) for labels in (true, order[:, 0], order[:, 1])]
        return terms[0].sum() + (terms[1].mean() + terms[2].mean()) / 2

    assert calibration.fit_temperature(true, logits) == pytest.approx(scipys(loss), rel=1e-4)


@pytest.mark.parametrize("n", [60, 600])
def test_a_flawless_subset_is_as_sure_as_so_many_right_answers_make_it(n):
    """Not certain: as Jeffreys would, one half mistake in n + 1."""
    true = np.arange(n) % 3
    heat = calibration.fit_temperature(true, np.eye(3)[true] * 2.0)
    sure = scores.probabilities(np.eye(3)[true] * 2.0, heat).max(axis=1)
    assert sure == pytest.approx(1 - 0.5 / (n + 1), abs=0.3 / n)
    assert heat > 3 * calibration.COLDEST


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


def test_useless_scores_stop_at_the_end():
    true = np.arange(60) % 3
    right = np.eye(3)[true]
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


@pytest.mark.parametrize("n", [60, 400, 2000])
def test_the_chance_error_is_what_calibrated_probabilities_show(n):
    """Labels drawn from the probabilities themselves: the error's mean, and exceeded 5 times in 100."""
    random = np.random.default_rng(n)
    errors, beyond, expected = [], 0, []
    for _ in range(300):
        shares = scores.probabilities(random.normal(size=(n, 3)) * 2)
        true = np.minimum(2, (shares.cumsum(axis=1) < random.random((n, 1))).sum(axis=1))
        mean, limit = calibration.chance_error(true, shares)
        errors.append(calibration.reliability(true, shares).error)
        expected.append(mean)
        beyond += errors[-1] > limit
    assert np.mean(errors) == pytest.approx(np.mean(expected), rel=0.05)
    assert 0.02 <= beyond / 300 <= 0.09


def test_groups_widen_the_reliability_and_what_chance_may_show():
    true, logits = cases.random_case(100, 3, seed=5)
    fivefold = np.repeat(true, 5), scores.probabilities(np.repeat(logits, 5, axis=0))
    groups = np.repeat(np.arange(100), 5)
    alone, together = (calibration.reliability(*fivefold, groups=g) for g in (None, groups))
    inside = alone.count > 20
    assert ((together.high - together.low)[inside] > 1.5 * (alone.high - alone.low)[inside]).all()
    limits = [calibration.chance_error(*fivefold, groups=g)[1] for g in (None, groups)]
    assert limits[1] > 1.8 * limits[0]
