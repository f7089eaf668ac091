"""The order of training images is a function of seed and epoch."""

import numpy as np
import pytest

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
