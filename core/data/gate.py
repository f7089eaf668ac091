"""How much is decoded at once in this process, whoever asks: pages, HTTP, the command line, training.

A small file may unpack to hundreds of megabytes, and many may come at once. They stand in one line here.
"""

import contextlib
import os
import threading
from collections import deque
from collections.abc import Iterator

from core import memory

BUDGET = 256 * 2**20  # bytes that all decodes together may hold; a larger one goes alone
LARGE = 32 * 2**20  # bytes from which on memory is given back to the system afterwards


class Gate:
    """Lets in at most `most` at a time that together cost at most `budget`, in the order in which they came.

    What costs more than the whole budget is let in when nobody else is inside.
    """

    def __init__(self, most: int, budget: int) -> None:
        self.most, self.budget = most, budget
        self.open()

    def open(self) -> None:
        """Begin with nobody inside: for a new gate, and in a forked process, whose threads are gone."""
        self._changed = threading.Condition()
        self._line: deque[object] = deque()
        self._inside = self._cost = 0

    @contextlib.contextmanager
    def admit(self, cost: int) -> Iterator[None]:
        """Wait for one's turn, and count as inside for as long as the block runs."""
        self._enter(cost)
        try:
            yield
        finally:
            with self._changed:
                self._inside, self._cost = self._inside - 1, self._cost - cost
                self._changed.notify_all()

    def _enter(self, cost: int) -> None:
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            try:
                self._changed.wait_for(lambda: self._line[0] is ticket and self._fits(cost))
                self._inside, self._cost = self._inside + 1, self._cost + cost
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()

    def _fits(self, cost: int) -> bool:
        return not self._inside or (self._inside < self.most and self._cost + cost <= self.budget)


decoding = Gate(most=max(2, os.cpu_count() or 2), budget=BUDGET)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=decoding.open)


@contextlib.contextmanager
def admitted(cost: int) -> Iterator[None]:
    """Wait until `cost` more bytes may be held for decoding; a large one's memory goes back to the system."""
    with decoding.admit(cost):
        try:
            yield
        finally:
            if cost >= LARGE:
                memory.give_back()
