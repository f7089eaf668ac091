"""Every scalar score equals scikit-learn's to 1e-9, whatever the labels and logits: found by hypothesis."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as theirs

from core.metrics import intervals, resampling, scores, summary
from tests.core.metrics import cases

pytestmark = pytest.mark.filterwarnings("ignore")


@st.composite
def judged(draw, most_classes=8):
    """Labels (n,) and logits (n, n_classes), whole numbers half of the time, so that many scores tie."""
    n_classes, n = draw(st.integers(1, most_classes)), draw(st.integers(1, 60))
    true = draw(arrays.arrays(np.int64, n, elements=st.integers(0, n_classes - 1)))
    numbers = st.integers(-3, 3).map(float) if draw(st.booleans()) else st.floats(-8, 8, width=32)
    return true, draw(arrays.arrays(np.float64, (n, n_classes), elements=numbers, fill=st.nothing()))


def expected(true, logits):
    """Every scalar score by scikit-learn; None where it is undefined, whatever scikit-learn puts there."""
    labels, predicted = np.arange(logits.shape[1]), logits.argmax(axis=1)
    shares = scores.probabilities(logits)
    found = {
        "accuracy": theirs.accuracy_score(true, predicted),
        "balanced_accuracy": theirs.balanced_accuracy_score(true, predicted),
    }
    for average in ("macro", "weighted"):
        for name in ("precision", "recall", "f1"):
            score = getattr(theirs, f"{name}_score")
            found[f"{average}_{name}"] = score(true, predicted, average=average, zero_division=0)
    kappa = theirs.cohen_kappa_score(true, predicted)
    found["cohen_kappa"] = None if np.isnan(kappa) else kappa
    constant = len(np.unique(true)) == 1 or len(np.unique(predicted)) == 1
    found["matthews"] = None if constant else theirs.matthews_corrcoef(true, predicted)
    if len(labels) > 1:
        found["log_loss"] = theirs.log_loss(true, shares, labels=labels)
        found["brier"] = theirs.brier_score_loss(
            true, shares[:, 1] if len(labels) == 2 else shares, labels=labels
        )
    if len(labels) > 5:  # of equal scores scikit-learn takes the last first, and we the first
        found["top_5_accuracy"] = theirs.top_k_accuracy_score(
            len(labels) - 1 - true, logits[:, ::-1], k=5, labels=labels
        )
    areas = [_areas(true == k, shares[:, k]) for k in labels]
    for place, name in enumerate(("average_precision", "roc_auc")):
        known = [area[place] for area in areas if area[place] is not None]
        found[f"macro_{name}"] = np.mean(known) if known else None
    return found, areas


def _areas(positive, share):
    precision = theirs.average_precision_score(positive, share) if positive.any() else None
    both = positive.any() and not positive.all()
    return precision, theirs.roc_auc_score(positive, share) if both else None


def same(ours, other):
    return ours is None if other is None else ours == pytest.approx(other, abs=1e-9)


@settings(max_examples=120, deadline=None)
@given(judged())
def test_every_scalar_score_equals_scikit_learns(case):
    true, logits = case
    figures = summary.summarise(cases.predictions(true, logits), draws=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, areas = expected(true, logits)
    for name, value in found.items():
        assert same(figures[name], value), name
    for one, (precision, auc) in zip(figures["per_class"].values(), areas, strict=True):
        assert same(one["average_precision"], precision) and same(one["roc_auc"], auc)


def holds(pair, value):
    return pair is None or pair[0] - 1e-9 <= value <= pair[1] + 1e-9


def check_every_interval(figures):
    for place in (figures, *figures["per_class"].values()):
        for name, pair in place["intervals"].items():
            assert pair is None or (None not in pair and place[name] is not None), name
            assert holds(pair, place[name]), (name, place[name], pair)


def test_every_interval_holds_its_figure(case):
    check_every_interval(summary.summarise(cases.predictions(*case), draws=50))


@settings(max_examples=40, deadline=None)
@given(judged(most_classes=5), st.integers(1, 5), st.booleans())
def test_every_interval_holds_its_figure_however_large_skewed_or_grouped(case, times, grouped):
    true, logits = (np.tile(part, (times,) + (1,) * (part.ndim - 1)) for part in case)
    groups = (np.arange(len(true)) // 3).tolist() if grouped else None
    check_every_interval(summary.summarise(cases.predictions(true, logits), draws=50, groups=groups))


@settings(max_examples=40, deadline=None)
@given(judged(most_classes=5))
def test_resampled_scores_lie_around_the_score_itself(case):
    """Before anything is widened to hold the score: no class is made up or left out."""
    true, logits = (np.tile(part, (5,) + (1,) * (part.ndim - 1)) for part in case)
    predicted, n = logits.argmax(axis=1), logits.shape[1]
    tally = scores.tally(scores.confusion_counts(true, predicted, n_classes=n))
    drawn = resampling.draw(intervals.Sample(true=true, predicted=predicted, n_classes=n), draws=200)
    for name, score in scores.OF_TALLY.items():
        value = float(score(tally))
        if not np.isnan(value):
            low, high = intervals.bounds(score(drawn))
            gap = max(low - value, value - high, 0.0)
            assert gap <= 0.25 / len(np.unique(true)) / np.sqrt(len(true)), (name, value, low, high)
