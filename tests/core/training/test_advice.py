"""Warnings come when history gives reason for them, and not otherwise."""

import pytest

from core.training import advice

CLASSES = ["ant", "bee"]
EVEN = [[8, 2], [1, 9]]


def line(epoch, train_loss, validation_loss, *, confusion=EVEN, accuracy=0.85, train_accuracy=0.9):
    return {
        "epoch": epoch,
        "train_loss": train_loss,
        "train_accuracy": train_accuracy,
        "validation_loss": validation_loss,
        "validation_accuracy": accuracy,
        "validation_confusion": confusion,
    }


def test_a_run_that_goes_well_hears_nothing():
    assert advice.during([line(i, 1 / i, 1 / i) for i in range(1, 8)], CLASSES) == []
    assert advice.during([], CLASSES) == []


@pytest.mark.parametrize(
    ("history", "words"),
    [
        ([line(i, 0.7, 0.7) for i in range(1, 6)], "has not fallen"),
        (
            [line(1, 0.9, 0.8), line(2, 0.5, 0.5), line(3, 0.2, 0.7), line(4, 0.1, 0.9)],
            "Over-fitting since epoch 2",
        ),
        ([line(1, 1, 1), line(2, 0.5, 0.5, confusion=[[10, 0], [5, 0]])], "'bee' is never predicted"),
        (
            [line(i, 1 / i, 1 / i, confusion=[[5, 5], [5, 5]], accuracy=0.5) for i in (1, 2, 3)],
            "no better than",
        ),
    ],
)
def test_trouble_is_said_in_plain_words(history, words):
    assert any(words in sentence for sentence in advice.during(history, CLASSES))


def test_a_class_without_images_is_not_missed():
    assert (
        advice.during([line(1, 1, 1), line(2, 0.5, 0.5, confusion=[[10, 0], [0, 0]], accuracy=1.0)], CLASSES)
        == []
    )
