"""Resampled tallies: simulations of the coverage that their intervals claim."""

import numpy as np
import pytest

from core.metrics import intervals, resampling, scores
from tests.core.metrics import cases

DRAWS = 2000
THREE = np.array([[0.80, 0.10, 0.10], [0.05, 0.90, 0.05], [0.20, 0.10, 0.70]])
NAMES = ["accuracy", "macro_f1", "weighted_f1", "balanced_accuracy", "cohen_kappa", "matthews"]


def covered(rows, sizes, subsets, draws=250):
    """Share of subsets whose interval holds the score of the expected confusion matrix."""
    n_classes, random = len(rows), np.random.default_rng(sum(sizes))
    truth = {n: scores.OF_TALLY[n](scores.tally(rows * np.array(sizes)[:, None])) for n in NAMES}
    true, inside = np.repeat(np.arange(n_classes), sizes), dict.fromkeys(NAMES, 0)
    for seed in range(subsets):
        counts = [random.multinomial(size, row) for size, row in zip(sizes, rows, strict=True)]
        predicted = np.concatenate([np.repeat(np.arange(n_classes), row) for row in counts])
        sample = intervals.Sample(true=true, predicted=predicted, n_classes=n_classes)
        tallies = resampling.draw(sample, draws=draws, seed=seed)
        for name in NAMES:
            low, high = intervals.bounds(scores.OF_TALLY[name](tallies))
            inside[name] += low <= truth[name] <= high
    return {name: count / subsets for name, count in inside.items()}


@pytest.mark.parametrize("n", [50, 500])
def test_the_bootstrap_covers_95_percent(n):
    """2,000 subsets of n images, three classes, 80 % right; each with its own bootstrap."""
    found = covered(THREE, np.round(np.array([0.4, 0.3, 0.3]) * n).astype(int), DRAWS)
    assert all(0.93 <= share <= 0.97 for share in found.values()), found


@pytest.mark.parametrize("sizes", [(10, 10, 10, 10, 10), (30, 10, 10)], ids=str)
def test_small_classes_are_covered_too(sizes):
    n = len(sizes)
    found = covered(0.8 * np.eye(n) + 0.2 / (n - 1) * (1 - np.eye(n)), sizes, 800)
    assert all(0.92 <= share <= 0.98 for share in found.values()), found


def test_very_small_classes_make_the_interval_too_wide_rather_than_too_narrow():
    found = covered(np.where(np.eye(3) > 0, 0.9, 0.05), (40, 7, 3), 800)
    assert all(share >= 0.93 for share in found.values()), found


def test_a_perfect_model_is_not_called_certain():
    true = np.repeat(np.arange(3), 20)
    drawn = resampling.draw(intervals.Sample(true=true, predicted=true, n_classes=3))
    low, high = intervals.bounds(scores.OF_TALLY["macro_f1"](drawn))
    assert 0.9 < low < 0.99 and 0.999 < high <= 1


@pytest.mark.parametrize("n_classes", [3, 4, 10])
def test_classes_without_images_and_answers_change_nothing(n_classes):
    """90 right images of 3 classes: the interval is the same with 0, 1 or 7 further classes known."""
    true = np.arange(90) % 3
    sample = intervals.Sample(true=true, predicted=true, n_classes=n_classes)
    tallies = resampling.draw(sample)
    for name in ("macro_f1", "macro_precision", "balanced_accuracy"):
        low, high = intervals.bounds(scores.OF_TALLY[name](tallies))
        assert 0.94 < low < 0.99 and high > 0.999, name


def test_the_only_class_that_occurs_is_not_called_certain():
    zeros = np.zeros(60, np.int64)
    tallies = resampling.draw(intervals.Sample(true=zeros, predicted=zeros, n_classes=2))
    assert 0.9 < intervals.bounds(scores.OF_TALLY["macro_f1"](tallies))[0] < 0.995


def test_drawn_classes_keep_their_sizes_and_draws_repeat_by_seed():
    random = np.random.default_rng(3)
    sample = intervals.Sample(
        true=random.integers(0, 4, 90), predicted=random.integers(0, 4, 90), n_classes=5
    )
    first, again = (resampling.draw(sample, draws=50, seed=7) for _ in range(2))
    np.testing.assert_allclose(first.support, np.bincount(sample.true, minlength=5)[None].repeat(50, 0))
    np.testing.assert_allclose(first.answered.sum(axis=1), 90)
    assert np.array_equal(first.right, again.right)


def test_the_spread_of_the_draws_is_the_unbiased_one():
    """80 of 100 images of one class: the variance of its recall is p (1 - p) / (n - 1), all but exactly."""
    true = np.r_[np.zeros(100, np.int64), np.ones(10_000, np.int64)]
    predicted = np.r_[np.repeat([0, 1], [80, 20]), np.ones(10_000, np.int64)]
    sample = intervals.Sample(true=true, predicted=predicted, n_classes=2)
    recall = scores.recall(resampling.draw(sample, draws=20_000))[:, 0]
    assert recall.var() == pytest.approx(0.8 * 0.2 / 99, rel=0.05)


def parted(random, sizes):
    """Truth and two judges' answers that go wrong together more often than not."""
    true = np.repeat(np.arange(len(sizes)), sizes)
    shared = random.normal(size=(len(true), len(sizes))) + 2 * np.eye(len(sizes))[true]
    first, second = (shared + 0.3 * random.normal(size=shared.shape) for _ in range(2))
    return true, first.argmax(axis=1), (second + 0.15 * np.eye(len(sizes))[true]).argmax(axis=1)


@pytest.mark.parametrize(("sizes", "subsets"), [((20, 15, 15), 1000), ((200, 150, 150), 300)], ids=str)
def test_the_paired_bootstrap_covers_95_percent(sizes, subsets):
    random, names = np.random.default_rng(1), ("accuracy", "macro_f1", "balanced_accuracy")
    true, *answers = parted(random, np.array(sizes) * (400_000 // sum(sizes)))
    before, after = (scores.tally(scores.confusion_counts(true, one, n_classes=3)) for one in answers)
    inside = dict.fromkeys(names, 0)
    for seed in range(subsets):
        true, first, second = parted(random, sizes)
        sample = intervals.Sample(true=true, predicted=first, n_classes=3)
        one, two = resampling.draw_pair(sample, second, draws=250, seed=seed)
        for name in names:
            score = scores.OF_TALLY[name]
            low, high = intervals.bounds(score(two) - score(one))
            inside[name] += low <= score(after) - score(before) <= high
    slack = 0.02 + 2 * np.sqrt(0.05 * 0.95 / subsets)  # 2 points, and what so few subsets may show by chance
    assert all(abs(count / subsets - 0.95) <= slack for count in inside.values()), inside


def test_two_judges_who_agree_on_every_image_are_not_called_equal_for_certain():
    true, logits = cases.random_case(60, 3)
    sample = intervals.Sample(true=true, predicted=logits.argmax(axis=1), n_classes=3)
    one, two = resampling.draw_pair(sample, sample.predicted)
    for metric in ("accuracy", "macro_f1", "matthews"):
        low, high = intervals.bounds(scores.OF_TALLY[metric](two) - scores.OF_TALLY[metric](one))
        assert -0.15 < low < -0.01 and 0.01 < high < 0.15, metric


def test_groups_spread_as_their_single_images_would():
    true, logits = cases.random_case(100, 3, seed=2)
    predicted = logits.argmax(axis=1)
    score = scores.OF_TALLY["macro_f1"]
    alone = score(resampling.draw(intervals.Sample(true=true, predicted=predicted, n_classes=3), draws=2000))
    fivefold = intervals.Sample(
        true=np.repeat(true, 5), predicted=np.repeat(predicted, 5), n_classes=3,
        groups=np.repeat(np.arange(100), 5),
    )  # fmt: skip
    assert score(resampling.draw(fivefold, draws=2000)).std() == pytest.approx(alone.std(), rel=0.1)


def test_a_class_that_is_never_answered_gets_no_precision_out_of_nothing():
    """Two of three classes answered, each right 9 times in 10: macro precision is at most two thirds."""
    true = np.arange(120) % 3
    predicted = np.where(true == 2, 0, np.where(np.arange(120) % 10 == 0, 1 - true % 2, true))
    tallies = resampling.draw(intervals.Sample(true=true, predicted=predicted, n_classes=3))
    assert scores.OF_TALLY["macro_precision"](tallies).max() <= 2 / 3
    assert (tallies.answered[:, 2] == 0).all()
