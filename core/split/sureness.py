"""How sure can a judgement be that rests on so many images?

Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
"""

import math
from dataclasses import dataclass

from core.errors import SplitError

Z = 1.959963984540054  # two-sided 95 %
POWER_Z = 0.8416212335729143  # 80 % power


@dataclass(frozen=True, kw_only=True)
class Sureness:
    """What a measured rate on `n` images would say: `low` and `high` enclose 95 %."""

    name: str
    n: int
    measured: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """Between the ends of the interval, as a share."""
        return self.high - self.low

    def sentence(self, subset: str = "test") -> str:
        """The interval in words."""
        what = "accuracy" if self.name == "all classes" else "recall"
        of = "" if self.name == "all classes" else f" of {self.name!r}"
        if self.n == 0:
            return f"With no {subset} images{of}, nothing can be said of its {what}."
        images = f"{self.n} {subset} image{'s' * (self.n != 1)}{of}"
        return (
            f"With {images}, a measured {what} of {self.measured:.0%} could be anywhere from {self.low:.0%} "
            f"to {self.high:.0%}."
        )


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval for a share measured on `n` images; (0, 1) for none."""
    if n == 0:
        return 0.0, 1.0
    scale = 1 + Z**2 / n
    middle = (share + Z**2 / (2 * n)) / scale
    half = Z / scale * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def of_counts(counts: dict[str, int], measured: float = 0.9) -> list[Sureness]:
    """Intervals for a subset's images per class: "all classes" first, then each class in the order given.

    `measured` is the rate that one imagines to measure.

    Raises:
        SplitError: it is no share.
    """
    if not 0 <= measured <= 1:
        raise SplitError(f"A measured rate lies between 0 and 1; found {measured:g}.")
    sizes = {"all classes": sum(counts.values()), **counts}
    found = []
    for name, n in sizes.items():
        low, high = wilson(
            round(measured * n) / n if n else 0.0, n
        )  # whole images, as a measurement has them
        found.append(Sureness(name=name, n=n, measured=measured, low=low, high=high))
    return found


def images_to_tell_apart(margin: float, accuracy: float = 0.9) -> int:
    """The smallest test set that tells a model at `accuracy` from one that is better by `margin`.

    Normal approximation for two proportions, 5 % two-sided error, 80 % power, as if the models were judged on
    different images. On the same images their answers agree more often than not, and fewer may do.

    Raises:
        SplitError: margin or accuracy are not between 0 and 1, or together exceed 1.
    """
    better = accuracy + margin
    if not (0 < margin < 1 and 0 < accuracy < 1 and better <= 1):
        raise SplitError(
            f"A margin of {margin:.1%} above an accuracy of {accuracy:.1%} cannot be: both lie between 0 "
            "and 1, and so does their sum."
        )
    pooled = (accuracy + better) / 2
    chance = Z * math.sqrt(2 * pooled * (1 - pooled))
    effect = POWER_Z * math.sqrt(accuracy * (1 - accuracy) + better * (1 - better))
    return math.ceil(((chance + effect) / margin) ** 2)
