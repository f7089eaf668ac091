"""The figures of an epoch equal scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics as reference

from core.training import evaluate


@pytest.mark.parametrize("n_classes", [2, 5])
def test_figures_equal_scikit_learns(n_classes):
    random = np.random.default_rng(n_classes)
    true = random.integers(0, n_classes, 60)
    logits = random.normal(size=(60, n_classes)).astype(np.float32)
    found = evaluate.figures(logits, true)
    answers = logits.argmax(1)
    odds = np.exp(logits.astype(np.float64))
    shares = odds / odds.sum(1, keepdims=True)
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(true, answers))
    assert found["balanced_accuracy"] == pytest.approx(reference.balanced_accuracy_score(true, answers))
    assert found["macro_f1"] == pytest.approx(reference.f1_score(true, answers, average="macro"))
    assert found["loss"] == pytest.approx(reference.log_loss(true, shares))
    assert found["confusion"] == reference.confusion_matrix(true, answers).tolist()


def test_a_class_without_images_or_answers_does_not_count():
    logits = np.array([[2.0, 0.0, -9.0], [0.0, 2.0, -9.0]], np.float32)
    found = evaluate.figures(logits, np.array([0, 1]))
    assert found["macro_f1"] == 1.0
    assert found["confusion"][2] == [0, 0, 0]


def test_a_tie_keeps_the_earlier_epoch():
    assert not evaluate.better("accuracy", 0.9, 0.9)
    assert evaluate.better("accuracy", 0.91, 0.9)
    assert evaluate.better("loss", 0.1, 0.2)
    assert evaluate.better("accuracy", 0.0, None)
