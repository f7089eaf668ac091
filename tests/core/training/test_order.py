"""The order of training images is a function of seed and epoch."""

import numpy as np
import pytest

from core.model import augment
from core.training import order

LABELS = np.array([0] * 30 + [1] * 6)


def test_every_image_comes_once_an_epoch_and_each_epoch_otherwise():
    first = order.of_epoch(LABELS, seed=1, epoch=0)
    assert sorted(first) == list(range(36))
    assert np.array_equal(first, order.of_epoch(LABELS, seed=1, epoch=0))
    assert not np.array_equal(first, order.of_epoch(LABELS, seed=1, epoch=1))
    assert not np.array_equal(first, order.of_epoch(LABELS, seed=2, epoch=0))


def test_the_sampler_shows_every_class_equally_often():
    plan = order.of_epoch(LABELS, seed=0, epoch=0, balance="sampler")
    assert np.bincount(LABELS[plan]).tolist() == [18, 18]
    assert np.bincount(plan, minlength=36)[30:].tolist() == [3] * 6


@pytest.mark.parametrize(
    ("n", "size", "sizes"), [(10, 4, [4, 4, 2]), (9, 4, [4, 5]), (3, 8, [3]), (2, 1, [1, 1])]
)
def test_no_batch_of_one_is_left_over(n, size, sizes):
    assert [len(batch) for batch in order.batches(np.arange(n), size)] == sizes


def test_an_image_that_is_repeated_gets_another_number_each_time():
    assert order.numbered(np.array([4, 1, 4, 0, 4, 1]), 5).tolist() == [4, 1, 9, 0, 14, 6]
    plan = order.of_epoch(LABELS, seed=0, epoch=0)
    assert np.array_equal(order.numbered(plan, 36), plan)  # where each comes once, nothing changes


def test_the_sampler_never_shows_the_same_pixels_twice_in_an_epoch():
    plan = order.of_epoch(LABELS, seed=0, epoch=0, balance="sampler")
    chances = augment.draw(0, 0, order.numbered(plan, len(LABELS)).tolist())
    assert len(np.unique(chances, axis=0)) == len(plan) > len(np.unique(plan))
