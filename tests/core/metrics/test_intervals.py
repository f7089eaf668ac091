"""Intervals against statsmodels and scipy, and simulations of the coverage that they claim."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as theirs
from statsmodels.stats import proportion

from core.metrics import intervals, ranking, scores

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


@pytest.mark.parametrize("n", [50, 500])
def test_the_bootstrap_covers_95_percent(n):
    """2,000 subsets of n images, three classes, 80 % right; each with its own bootstrap."""
    names = ["macro_f1", "weighted_f1", "balanced_accuracy", "cohen_kappa", "matthews"]
    sizes = np.round(np.array([0.4, 0.3, 0.3]) * n).astype(int)
    truth = {name: scores.OF_TALLY[name](scores.tally(THREE * sizes[:, None])) for name in names}
    random = np.random.default_rng(n)
    true = np.repeat(np.arange(3), sizes)
    inside = dict.fromkeys(names, 0)
    for seed in range(DRAWS):
        counts = np.array([random.multinomial(size, row) for size, row in zip(sizes, THREE, strict=True)])
        predicted = np.concatenate([np.repeat(np.arange(3), row) for row in counts])
        sample = intervals.Sample(true=true, predicted=predicted, n_classes=3)
        drawn = intervals.draw(sample, draws=300, seed=seed)
        for name in names:
            low, high = intervals.bounds(scores.OF_TALLY[name](drawn))
            inside[name] += low <= truth[name] <= high
    for name, count in inside.items():
        assert 0.93 <= count / DRAWS <= 0.97, name


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


@pytest.mark.parametrize("skill", [0.5, 2.0])
def test_the_auc_interval_covers_95_percent(skill):
    random = np.random.default_rng(1)
    truth = stats.norm.cdf(skill / np.sqrt(2))
    positive = np.arange(120) < 40
    inside = 0
    for _ in range(1000):
        area = ranking.areas(positive, random.normal(size=120) + skill * positive)
        low, high = intervals.auc(area.auc, area.auc_deviation, 40)
        inside += low <= truth <= high
    assert 0.93 <= inside / 1000 <= 0.98


def test_the_average_precision_interval_covers_95_percent():
    random = np.random.default_rng(2)
    big = np.arange(400_000) < 100_000
    truth = theirs.average_precision_score(big, random.normal(size=400_000) + 1.5 * big)
    positive = np.arange(240) < 60
    found = [
        ranking.areas(positive, random.normal(size=240) + 1.5 * positive).average_precision
        for _ in range(1000)
    ]
    bounds = np.array([intervals.average_precision(value, 60) for value in found])
    assert 0.93 <= coverage(bounds[:, 0], bounds[:, 1], truth) <= 0.99


def test_a_perfect_model_is_not_called_certain():
    true = np.repeat(np.arange(3), 20)
    drawn = intervals.draw(intervals.Sample(true=true, predicted=true, n_classes=3))
    low, high = intervals.bounds(scores.OF_TALLY["macro_f1"](drawn))
    assert 0.9 < low < 0.99 and high <= 1
    assert intervals.average_precision(1.0, 20)[0] == pytest.approx(intervals.wilson(20, 20)[0])
    assert intervals.auc(1.0, 0.0, 20)[0] < 0.9


def test_drawn_classes_keep_their_sizes_and_draws_repeat_by_seed():
    random = np.random.default_rng(3)
    sample = intervals.Sample(
        true=random.integers(0, 4, 90), predicted=random.integers(0, 4, 90), n_classes=5
    )
    first, again = (intervals.draw(sample, draws=50, seed=7) for _ in range(2))
    np.testing.assert_allclose(first.support, np.bincount(sample.true, minlength=5)[None].repeat(50, 0))
    np.testing.assert_allclose(first.answered.sum(axis=1), 90)
    assert np.array_equal(first.right, again.right)


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
