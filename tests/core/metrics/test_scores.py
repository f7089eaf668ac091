"""Scores against scikit-learn's, on every kind of input; undefined figures are NaN."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as theirs

from core.errors import MetricsError
from core.metrics import scores
from tests.core.metrics import cases

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
EXACT = {"rtol": 0, "atol": 1e-9}


def tally_of(true, logits):
    return scores.tally(scores.confusion_counts(true, logits.argmax(axis=1), n_classes=logits.shape[1]))


def test_confusion_counts_put_truth_in_rows():
    counts = scores.confusion_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), n_classes=3)
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_confusion_equals_scikit_learn(case):
    true, logits = case
    labels = np.arange(logits.shape[1])
    ours = scores.confusion_counts(true, logits.argmax(axis=1), n_classes=len(labels))
    assert np.array_equal(ours, theirs.confusion_matrix(true, logits.argmax(axis=1), labels=labels))


@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_per_class_scores_equal_scikit_learn_and_are_nan_where_it_divides_by_zero(case, name):
    true, logits = case
    ours = getattr(scores, name)(tally_of(true, logits))
    score = getattr(theirs, f"{name}_score")
    expected = score(
        true, logits.argmax(axis=1), labels=np.arange(logits.shape[1]), average=None, zero_division=np.nan
    )
    np.testing.assert_allclose(ours, expected, **EXACT)


@pytest.mark.parametrize("average", ["macro", "weighted"])
@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_averages_equal_scikit_learn_with_zero_division_0(case, name, average):
    true, logits = case
    expected = getattr(theirs, f"{name}_score")(true, logits.argmax(axis=1), average=average, zero_division=0)
    np.testing.assert_allclose(
        scores.OF_TALLY[f"{average}_{name}"](tally_of(true, logits)), expected, **EXACT
    )


def test_accuracy_and_balanced_accuracy_equal_scikit_learn(case):
    true, logits = case
    tally, predicted = tally_of(true, logits), logits.argmax(axis=1)
    np.testing.assert_allclose(scores.accuracy(tally), theirs.accuracy_score(true, predicted), **EXACT)
    expected = theirs.balanced_accuracy_score(true, predicted)
    np.testing.assert_allclose(scores.balanced_accuracy(tally), expected, **EXACT)


def test_kappa_and_matthews_equal_scikit_learn_or_are_undefined(case):
    true, logits = case
    tally, predicted = tally_of(true, logits), logits.argmax(axis=1)
    constant = len(np.unique(true)) == 1 or len(np.unique(predicted)) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kappa = theirs.cohen_kappa_score(true, predicted)
    np.testing.assert_allclose(scores.cohen_kappa(tally), kappa, **EXACT)
    if constant:  # scikit-learn says 0 by convention where the formula is 0/0
        assert np.isnan(scores.matthews(tally))
    else:
        np.testing.assert_allclose(scores.matthews(tally), theirs.matthews_corrcoef(true, predicted), **EXACT)


def test_log_loss_and_brier_equal_scikit_learn(case):
    true, logits = case
    if logits.shape[1] == 1:
        assert scores.losses(true, logits).max() == 0
        return
    shares, labels = scores.probabilities(logits), np.arange(logits.shape[1])
    if shares[np.arange(len(true)), true].min() > 1e-12:  # beyond that scikit-learn clips
        expected = theirs.log_loss(true, shares, labels=labels)
        np.testing.assert_allclose(scores.losses(true, logits).mean(), expected, **EXACT)
    positive = shares[:, 1] if len(labels) == 2 else shares
    expected = theirs.brier_score_loss(true, positive, labels=labels)
    np.testing.assert_allclose(scores.brier(true, shares).mean(), expected, **EXACT)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_top_k_equals_scikit_learn(k):
    true, logits = cases.random_case(300, 8, seed=9)
    expected = theirs.top_k_accuracy_score(true, logits, k=k, labels=np.arange(8))
    assert scores.in_top(true, logits, k).mean() == pytest.approx(expected, abs=1e-12)


def test_top_1_is_the_most_probable_class_even_where_scores_tie():
    logits = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 2.0]])
    for true in ([0, 1], [1, 2], [2, 0]):
        expected = logits.argmax(axis=1) == true
        assert scores.in_top(np.array(true), logits, 1).tolist() == expected.tolist()


def test_a_hand_worked_case():
    """Truth a a a b b c, answers a a b b b b: worked on paper."""
    true, answers = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 1])
    tally = scores.tally(scores.confusion_counts(true, answers, n_classes=3))
    np.testing.assert_allclose(scores.precision(tally), [1, 1 / 2, np.nan])
    np.testing.assert_allclose(scores.recall(tally), [2 / 3, 1, 0])
    np.testing.assert_allclose(scores.f1(tally), [4 / 5, 2 / 3, 0])
    assert scores.OF_TALLY["macro_f1"](tally) == pytest.approx((4 / 5 + 2 / 3) / 3)
    # expected agreement (3*2 + 2*4 + 1*0) / 36 = 7/18; kappa (2/3 - 7/18) / (11/18) = 5/11
    assert scores.cohen_kappa(tally) == pytest.approx(5 / 11)
    # (4*6 - 14) / sqrt((36 - 14) (36 - 20)) = 10 / sqrt(352)
    assert scores.matthews(tally) == pytest.approx(10 / np.sqrt(352))


def test_softmax_is_stable_for_huge_scores():
    shares = scores.probabilities(np.array([[1e4, 0.0], [-1e4, 1e4]]))
    np.testing.assert_allclose(shares, [[1, 0], [0, 1]])
    assert scores.losses(np.array([1]), np.array([[1e4, 0.0]])) == pytest.approx(1e4)


@pytest.mark.parametrize(
    ("true", "answers", "words"),
    [
        ([0, 1], [0], "2 labels and 1 answers"),
        ([], [], "no images"),
        ([0], [3], "index 3"),
        ([-1], [0], "-1"),
    ],
)
def test_answers_that_do_not_fit_are_explained(true, answers, words):
    with pytest.raises(MetricsError, match=words):
        scores.confusion_counts(np.array(true, np.int64), np.array(answers, np.int64), n_classes=3)


def test_logits_that_are_not_finite_are_explained():
    with pytest.raises(MetricsError, match="1 of 2 images"):
        scores.check_logits(np.array([0, 1]), np.array([[0.0, np.nan], [1.0, 2.0]]))


answers = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@settings(max_examples=100, deadline=None)
@given(answers)
def test_scores_stay_in_range_and_do_not_depend_on_order_or_labels(pairs):
    true, predicted = np.array(pairs).T
    tally = scores.tally(scores.confusion_counts(true, predicted, n_classes=5))
    renamed = scores.tally(scores.confusion_counts(4 - true[::-1], 4 - predicted[::-1], n_classes=5))
    for name, score in scores.OF_TALLY.items():
        low = -1 if name in ("cohen_kappa", "matthews") else 0
        assert np.isnan(score(tally)) or low - 1e-12 <= score(tally) <= 1 + 1e-12
        np.testing.assert_allclose(score(tally), score(renamed), atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(answers)
def test_f1_is_the_harmonic_mean_wherever_both_parts_are_defined(pairs):
    true, predicted = np.array(pairs).T
    tally = scores.tally(scores.confusion_counts(true, predicted, n_classes=5))
    p, r = scores.precision(tally), scores.recall(tally)
    both = ~np.isnan(p) & ~np.isnan(r) & (p + r > 0)
    np.testing.assert_allclose(scores.f1(tally)[both], (2 * p * r / np.where(both, p + r, 1))[both])
