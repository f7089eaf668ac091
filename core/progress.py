"""How long work reports that it goes on: a function that any caller may pass in."""

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called as `progress(done, total, message)`; `total` is 0 while it is not yet known."""


def silent(done: int, total: int, message: str) -> None:
    """Report nowhere."""


def both(*reports: Progress | None) -> Progress:
    """Report to each of `reports`; a missing one is passed over."""

    def report(done: int, total: int, message: str) -> None:
        for one in reports:
            if one is not None:
                one(done, total, message)

    return report
