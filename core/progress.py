"""How long work reports that it goes on: a function that any caller may pass in."""

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called as `progress(done, total, message)`; `total` is 0 while it is not yet known."""


def silent(done: int, total: int, message: str) -> None:
    """Report nowhere."""
