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


def test_over_fitting_is_said_of_the_loss_where_accuracy_did_not_suffer():
    losses = [(0.9, 0.8), (0.5, 0.5), (0.2, 0.7), (0.1, 0.9)]
    rising = [line(i, *both, accuracy=0.7 + i / 20) for i, both in enumerate(losses, 1)]
    falling = [line(i, *both, accuracy=0.9 - i / 20) for i, both in enumerate(losses, 1)]
    (said,), (worse,) = (advice.during(history, CLASSES) for history in (rising, falling))
    assert "the loss still falls on the training images and rises on the validation images" in said
    assert "does not make more of them" in said
    assert "does not make more of them" not in worse


def test_with_many_classes_warnings_go_by_the_cells_that_count():
    from core.training import confusions

    classes = [f"kind {i:02d}" for i in range(60)]
    whole = [[3 if i == j else 0 for j in range(60)] for i in range(60)]
    whole[7] = [3, *[0] * 59]  # its images are all taken for the first class
    packed = line(2, 0.5, 0.5, confusion=[list(row) for row in whole])
    confusions.pack(packed)
    assert "validation_confusion" not in packed
    assert confusions.of(packed, classes) == whole
    assert any("'kind 07' is never predicted" in said for said in advice.during([packed], classes))


def test_a_class_without_images_is_not_missed():
    assert (
        advice.during([line(1, 1, 1), line(2, 0.5, 0.5, confusion=[[10, 0], [0, 0]], accuracy=1.0)], CLASSES)
        == []
    )
