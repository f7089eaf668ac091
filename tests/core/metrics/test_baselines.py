"""What a figure must beat: against scikit-learn's scores of the same trivial answers."""

import numpy as np
import pytest
from sklearn import dummy
from sklearn import metrics as theirs

from core.metrics import baselines, decisions, intervals, scores, summary
from tests.core.metrics import cases

TRUE = np.repeat([0, 1, 2], [50, 30, 20])


@pytest.fixture(scope="module")
def figures():
    logits = cases.random_case(100, 3, seed=1)[1]
    return summary.summarise(cases.predictions(TRUE, logits, classes=["a", "b", "c"]))


def answers_of(strategy):
    return dummy.DummyClassifier(strategy=strategy).fit(np.zeros((100, 1)), TRUE)


@pytest.mark.parametrize(
    ("metric", "theirs_is"),
    [
        ("accuracy", lambda t, a: theirs.accuracy_score(t, a)),
        ("balanced_accuracy", lambda t, a: theirs.balanced_accuracy_score(t, a)),
        ("macro_f1", lambda t, a: theirs.f1_score(t, a, average="macro", zero_division=0)),
        (
            "weighted_precision",
            lambda t, a: theirs.precision_score(t, a, average="weighted", zero_division=0),
        ),
    ],
)
def test_scores_of_all_answers_must_beat_always_saying_the_largest_class(figures, metric, theirs_is):
    constant = answers_of("most_frequent").predict(np.zeros((100, 1)))
    found = baselines.of(figures, metric)
    assert found.value == pytest.approx(theirs_is(TRUE, constant), abs=1e-12)
    assert found.words == "always saying 'a'"


@pytest.mark.parametrize(
    ("metric", "theirs_is"),
    [
        ("log_loss", lambda t, p: theirs.log_loss(t, p)),
        ("brier", lambda t, p: theirs.brier_score_loss(t, p, labels=[0, 1, 2])),
        ("macro_average_precision", lambda t, p: theirs.average_precision_score(np.eye(3)[t], p)),
        ("macro_roc_auc", lambda t, p: theirs.roc_auc_score(t, p, multi_class="ovr")),
    ],
)
def test_probabilities_must_beat_the_classes_shares(figures, metric, theirs_is):
    shares = answers_of("prior").predict_proba(np.zeros((100, 1)))
    assert baselines.of(figures, metric).value == pytest.approx(theirs_is(TRUE, shares), abs=1e-12)


@pytest.mark.parametrize("metric", ["cohen_kappa", "matthews"])
def test_agreement_beyond_chance_must_beat_none(figures, metric):
    assert baselines.of(figures, metric).value == 0


@pytest.mark.parametrize("kind", ["recall", "precision", "f1"])
def test_one_class_must_beat_guessing_by_the_shares(figures, kind):
    """Guesses of 'b' 3 times in 10: 30 % of its images are found, and 30 % of the guesses are right."""
    random = np.random.default_rng(0)
    true, guessed = random.choice(3, size=(2, 200_000), p=[0.5, 0.3, 0.2])
    score = getattr(theirs, f"{kind}_score")(true, guessed, labels=[1], average="macro")
    assert baselines.of(figures, f"{kind}:b").value == pytest.approx(0.3)
    assert score == pytest.approx(0.3, abs=0.01)


def test_costs_must_beat_the_cheapest_single_answer():
    logits = cases.random_case(100, 3, seed=1)[1]
    predictions = cases.predictions(TRUE, logits, classes=["a", "b", "c"])
    costs = ((0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (20.0, 20.0, 0.0))
    rule = decisions.Decision(classes=("a", "b", "c"), kind="cost", costs=costs)
    found = baselines.of(summary.summarise(predictions, decision=rule, draws=5), "expected_cost")
    assert found.value == pytest.approx(1000 * 0.8) and "always saying 'c'" in found.words


def test_a_class_without_images_has_nothing_to_beat():
    figures = summary.summarise(cases.predictions([0] * 60, np.zeros((60, 2))), draws=5)
    assert baselines.of(figures, "recall:class 0001") is None


def test_the_gain_is_judged_image_by_image():
    """The baseline is measured on the same images: its own chance is part of what the gain may be."""
    random, inside, apart = np.random.default_rng(1), 0, 0
    for _ in range(1000):
        true = (random.random(200) < 0.4).astype(np.int64)
        predicted = np.where(random.random(200) < 0.95, true, 1 - true)
        logits = np.eye(2)[predicted]
        sample = intervals.Sample(true=true, predicted=predicted, n_classes=2)
        low, high = baselines.gains(sample, logits, scores.probabilities(logits))["accuracy"]
        inside += low <= 0.95 - 0.6 <= high
        share = max(true.mean(), 1 - true.mean())
        low, high = intervals.wilson((predicted == true).sum(), 200)
        apart += low - share <= 0.95 - 0.6 <= high - share
    assert 0.93 <= inside / 1000 <= 0.97 and apart / 1000 < 0.8


def test_a_cost_of_the_answered_images_alone_is_compared_with_nothing(figures):
    assert baselines.of(figures, "expected_cost") is not None
    assert baselines.of(figures | {"cost_basis": "answered"}, "expected_cost") is None
