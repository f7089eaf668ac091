"""Intervals against statsmodels and scipy, and simulations of the coverage that they claim."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats import proportion

from core.metrics import intervals, scores

DRAWS = 2000


def coverage(low, high, truth):
    return np.mean((low <= truth + 1e-12) & (truth <= high + 1e-12))


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 5000), st.floats(0, 1))
def test_wilson_equals_statsmodels_and_scipy(n, share):
    k = round(n * share)
    ours = intervals.wilson(k, n)
    np.testing.assert_allclose(ours, proportion.proportion_confint(k, n, method="wilson"), atol=1e-9)
    theirs_too = stats.binomtest(k, n).proportion_ci(method="wilson")
    np.testing.assert_allclose(ours, [theirs_too.low, theirs_too.high], atol=1e-9)


def test_wilson_is_elementwise_and_nan_without_trials():
    low, high = intervals.wilson([3, 0], [10, 0])
    assert np.isnan([low[1], high[1]]).all() and low[0] < 0.3 < high[0]


@pytest.mark.parametrize("n", [50, 500])
def test_wilson_covers_95_percent(n):
    """On average over true shares, as for any interval of whole numbers: single shares swing around it."""
    random = np.random.default_rng(n)
    shares = random.uniform(0.5, 0.98, DRAWS)
    assert 0.93 <= coverage(*intervals.wilson(random.binomial(n, shares), n), shares) <= 0.97


THREE = np.array([[0.80, 0.10, 0.10], [0.05, 0.90, 0.05], [0.20, 0.10, 0.70]])


@pytest.mark.parametrize("shape", [(40,), (41, 3), (3, 2, 2)])
def test_bounds_are_numpys_quantiles_without_undefined_draws(shape):
    values = np.random.default_rng(0).normal(size=shape)
    np.testing.assert_allclose(intervals.bounds(values), np.quantile(values, [0.025, 0.975], axis=0))
    values[:2] = np.nan
    np.testing.assert_allclose(intervals.bounds(values), np.nanquantile(values, [0.025, 0.975], axis=0))


def test_the_cluster_bootstrap_covers_where_images_alone_would_not():
    """100 groups of 5 images, right or wrong together: 2,000 means, by group and image by image."""
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(100), 5)
    by_group, by_image = 0, 0
    for seed in range(DRAWS):
        hits = np.repeat(random.random(100) < 0.8, 5).astype(float)
        zeros = np.zeros(500, np.int64)
        alone = intervals.Sample(true=zeros, predicted=zeros, n_classes=1)
        together = intervals.Sample(true=zeros, predicted=zeros, n_classes=1, groups=groups)
        low, high = intervals.mean(hits, together, draws=300, seed=seed)
        by_group += low <= 0.8 <= high
        low, high = intervals.mean(hits, alone, draws=100, seed=seed)
        by_image += low <= 0.8 <= high
    assert 0.92 <= by_group / DRAWS <= 0.97
    assert by_image / DRAWS < 0.75


@pytest.mark.parametrize(("groups", "alike"), [(10, 0.3), (20, 0.3), (50, 0.3), (20, 0.999)])
def test_the_share_of_grouped_images_covers_95_percent(groups, alike):
    """Groups of 5, each with a share right of its own (beta-binomial), 85 % on average."""
    random = np.random.default_rng(groups)
    codes = np.repeat(np.arange(groups), 5)
    zeros, weight = np.zeros(5 * groups, np.int64), 1 / alike - 1
    sample = intervals.Sample(true=zeros, predicted=zeros, n_classes=1, groups=codes)
    inside = 0
    for _ in range(1000):
        right = random.random(5 * groups) < random.beta(0.85 * weight, 0.15 * weight, groups)[codes]
        low, high = intervals.share(right, sample)
        inside += low <= 0.85 <= high
    assert 0.92 <= inside / 1000 <= 0.99


def test_a_group_counts_as_one_image_where_it_is_right_or_wrong_as_a_whole():
    codes = np.repeat(np.arange(40), 5)
    right = np.repeat(np.arange(40) < 30, 5)
    few = stats.t.ppf(0.975, 39) / stats.norm.ppf(0.975)
    assert intervals.design_effect(right, codes) == pytest.approx(5 * few**2, rel=1e-9)
    every = np.ones(200, bool)
    sample = intervals.Sample(true=codes * 0, predicted=codes * 0, n_classes=1, groups=codes)
    assert intervals.share(every, sample)[0] == pytest.approx(intervals.wilson(40, 40)[0], abs=0.01)
    assert intervals.design_effect(right, None) == 1


def test_the_paired_interval_by_hand():
    """Bonett and Price: of 50 images 8 fixed, 3 broken; (9 + 4) / 52 part, 5 / 52 is the difference."""
    gain = np.r_[np.ones(8), -np.ones(3), np.zeros(39)].astype(np.int64)
    half = 1.959964 * np.sqrt((13 / 52 - (5 / 52) ** 2) / 52)
    assert intervals.paired(gain) == pytest.approx((5 / 52 - half, 5 / 52 + half), abs=1e-6)
    low, high = intervals.paired(np.zeros(50, np.int64))
    assert low < 0 < high


@pytest.mark.parametrize("n", [50, 500])
def test_the_paired_interval_covers_95_percent(n):
    """30 % fixed, 10 % broken: a model against always saying the largest class."""
    random = np.random.default_rng(n)
    kinds = random.choice([1, -1, 0], size=(2000, n), p=[0.3, 0.1, 0.6])
    bounds = np.array([intervals.paired(one) for one in kinds])
    assert 0.93 <= coverage(bounds[:, 0], bounds[:, 1], 0.2) <= 0.97


def test_a_trusted_interval_holds_its_value_and_has_no_undefined_end():
    assert intervals.trusted(1.0, (0.9, 0.99)) == (0.9, 1.0)
    assert intervals.trusted(0.5, (0.4, 0.6), enough=False) is None
    assert intervals.trusted(np.nan, (0.4, 0.6)) is None
    assert intervals.trusted(0.5, intervals.NOWHERE) is None


def test_very_many_images_use_the_normal_limit_which_agrees_with_resampling(monkeypatch):
    values = np.random.default_rng(4).exponential(size=4000)
    zeros = np.zeros(4000, np.int64)
    sample = intervals.Sample(true=zeros, predicted=zeros, n_classes=1)
    resampled = intervals.mean(values, sample, draws=2000)
    monkeypatch.setattr(intervals, "_EXACT_MEANS", 0)
    np.testing.assert_allclose(intervals.mean(values, sample), resampled, atol=0.004)


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (["a", "b", "c"], None),
        (["a", "a", "b"], [0, 0, 1]),
        (["a", None, "a", None], [0, 1, 0, 2]),
        ([None], None),
    ],
)
def test_groups_matter_only_where_images_share_one(names, codes):
    found = intervals.group_codes(names)
    assert found is None if codes is None else found.tolist() == codes


def test_an_interval_is_nan_where_no_draw_defines_the_score():
    values = np.array([[np.nan, 1.0], [np.nan, 2.0], [np.nan, np.nan]])
    low, high = intervals.bounds(values)
    assert np.isnan([low[0], high[0]]).all() and 1 <= low[1] < high[1] <= 2


@pytest.mark.parametrize("n", [50, 500])
def test_the_f1_interval_covers_at_least_95_percent_or_nearly(n):
    """4,000 subsets of n images, three classes of 40, 30 and 30 %."""
    sizes = np.round(np.array([0.4, 0.3, 0.3]) * n).astype(int)
    truth = scores.f1(scores.tally(THREE * sizes[:, None]))
    random = np.random.default_rng(n)
    drawn = [random.multinomial(size, row, size=4000) for size, row in zip(sizes, THREE, strict=True)]
    tally = scores.tally(np.stack(drawn, axis=1))
    low, high = intervals.f1(tally.right, tally.support + tally.answered - tally.right)
    inside = ((low <= truth) & (truth <= high)).mean(axis=0)
    assert (inside >= 0.94).all() and (inside <= 0.995).all()
