"""Seeded choices that come out the same on every machine and for every version of the libraries."""

import math
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Choices from one key, such as ("cat", 12, "scene").

    Only ``random.Random.random`` is used: Python promises its sequence for a seed, which NumPy's
    generators do not promise across versions.
    """

    def __init__(self, *key: object) -> None:
        self._random = random.Random("/".join(str(part) for part in key))

    def between(self, low: float, high: float) -> float:
        """Return a number in [low, high)."""
        return low + (high - low) * self._random.random()

    def around(self, middle: float, spread: float) -> float:
        """Return a number within ``spread`` (a share of it) of ``middle``."""
        return middle * self.between(1 - spread, 1 + spread)

    def whole(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + math.floor(self._random.random() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices, each as likely."""
        return choices[self.whole(0, len(choices) - 1)]

    def chance(self, share: float) -> bool:
        """Return True in this share of the cases."""
        return self._random.random() < share

    def sign(self) -> int:
        """Return -1 or 1."""
        return 1 if self.chance(0.5) else -1


def deck(choices: Sequence[T], length: int, *key: object) -> list[T]:
    """Deal ``length`` cards in shuffled order, each choice as often as the others (to within one).

    The counts depend on the length alone: decks dealt for two classes hold the same cards, so that no
    class can be told by its background, colour or size.
    """
    cards = [choices[place % len(choices)] for place in range(length)]
    dice = Dice("deck", *key)
    for place in range(length - 1, 0, -1):
        other = dice.whole(0, place)
        cards[place], cards[other] = cards[other], cards[place]
    return cards
