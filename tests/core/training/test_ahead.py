"""Batches come in order, one ahead, and whoever stops leaves no thread behind."""

import contextlib
import threading

import pytest
import torch

from core.training import ahead

CPU = torch.device("cpu")


def test_one_item_is_fetched_while_the_caller_works_on_the_one_before():
    asked, second = [], threading.Event()

    def fetch(item):
        asked.append(item)
        if item == 1:
            second.set()
        return item * 10

    found = ahead.ahead(fetch, range(4), CPU)
    assert next(found) == 0
    assert second.wait(5)
    assert 3 not in asked
    assert list(found) == [10, 20, 30]


def test_an_error_comes_in_its_turn():
    found = ahead.ahead(lambda item: 1 / (item - 1), range(3), CPU)
    assert next(found) == -1.0
    with pytest.raises(ZeroDivisionError):
        next(found)


def test_closing_ends_the_thread():
    with contextlib.closing(ahead.ahead(lambda item: item, range(9), CPU)) as found:
        next(found)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]
