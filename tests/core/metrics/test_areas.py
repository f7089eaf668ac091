"""Intervals of the areas: DeLong's for one class, simulated coverage for their means."""

import numpy as np
import pytest
from scipy import special, stats

from core.metrics import areas, intervals, scores
from tests.core.metrics import cases


def ranked(true, shares, groups=None):
    sample = intervals.Sample(true=true, predicted=true, n_classes=shares.shape[1], groups=groups)
    return areas.one_against_rest(sample, shares)


def drawn(random, sizes, skill=1.8, scale=1.5):
    true = np.repeat(np.arange(len(sizes)), sizes)
    logits = random.normal(size=(len(true), len(sizes))) * scale
    logits[np.arange(len(true)), true] += skill * scale
    return true, scores.probabilities(logits)


@pytest.mark.parametrize(
    ("sizes", "subsets"), [((20, 15, 15), 1000), ((30, 10, 10), 600), ((200, 150, 150), 400)], ids=str
)
def test_the_intervals_of_the_mean_areas_cover_95_percent(sizes, subsets):
    """Against the areas of 100,000 images of the same mix; `benchmarks.metrics --coverage` has more kinds."""
    random = np.random.default_rng(0)
    truth = ranked(*drawn(random, np.array(sizes) * (100_000 // sum(sizes)))).means
    inside = np.zeros(2)
    for _ in range(subsets):
        found = ranked(*drawn(random, sizes))
        inside += [low <= value <= high for (low, high), value in zip(found.of_means, truth, strict=True)]
    slack = 0.02 + 2 * np.sqrt(0.05 * 0.95 / subsets)  # 2 points, and what so few subsets may show by chance
    assert (np.abs(inside / subsets - 0.95) <= slack).all(), inside / subsets


def test_one_class_gets_delongs_interval_from_few_negatives_too():
    true, shares = drawn(np.random.default_rng(1), (40, 12), skill=0.8)
    positive, share = true == 1, shares[:, 1]
    wins = np.sign(share[positive][:, None] - share[~positive][None, :]) / 2 + 0.5
    parts = np.array([wins.mean(axis=1).var(ddof=1) / 12, wins.mean(axis=0).var(ddof=1) / 40])
    pseudo = (areas.PSEUDO / 12) ** 2
    freedom = (parts.sum() + pseudo) ** 2 / (parts**2 / [11, 39]).sum()
    half = stats.t.ppf(0.975, freedom) * np.sqrt(parts.sum() + pseudo)
    half /= wins.mean() * (1 - wins.mean())
    expected = special.expit(special.logit(wins.mean()) + np.array([-half, half]))
    assert ranked(true, shares).of_class[1][1] == pytest.approx(expected, abs=1e-9)


def test_the_auc_of_one_class_covers_95_percent():
    random = np.random.default_rng(1)
    truth = stats.norm.cdf(1.2 / np.sqrt(2))
    true = np.repeat([0, 1], [80, 40])
    inside = 0
    for _ in range(600):
        share = special.expit(random.normal(size=120) + 1.2 * true)
        low, high = ranked(true, np.stack([1 - share, share], axis=1)).of_class[1][1]
        inside += low <= truth <= high
    assert 0.93 <= inside / 600 <= 0.975


def test_groups_widen_the_intervals_as_if_each_were_one_image():
    true, logits = cases.random_case(200, 3, seed=1)
    shares = scores.probabilities(logits)
    fivefold = np.repeat(true, 5), np.repeat(shares, 5, axis=0)
    single = ranked(true, shares)
    alone, together = ranked(*fivefold), ranked(*fivefold, np.repeat(np.arange(200), 5))
    for place in (0, 1):
        width = np.ptp(single.of_means[place])
        assert np.ptp(alone.of_means[place]) < 0.6 * width
        assert np.ptp(together.of_means[place]) == pytest.approx(width, rel=0.1)


def test_a_perfect_order_is_not_called_certain():
    found = ranked(np.arange(90) % 3, np.eye(3)[np.arange(90) % 3])
    assert found.means == (1.0, 1.0)
    low, high = found.of_means[1]
    assert low == pytest.approx(intervals.wilson(30, 30)[0]) and high == 1
    assert found.of_class[0][0] == pytest.approx((low, 1))


def test_the_fewer_of_own_and_other_units_count():
    sample = intervals.Sample(true=np.array([0] * 60 + [1]), predicted=np.zeros(61, int), n_classes=3)
    assert areas.fewest(sample).tolist() == [1, 1, 0]
    mixed = intervals.Sample(
        true=np.array([0, 0, 1, 1]), predicted=np.zeros(4, int), n_classes=2, groups=np.array([0, 1, 1, 2])
    )
    assert areas.fewest(mixed).tolist() == [2, 2]
