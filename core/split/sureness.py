"""How sure can a judgement be that rests on so many images?

Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
"""

import math
from dataclasses import dataclass

from core import words
from core.errors import SplitError

Z = 1.959963984540054  # two-sided 95 %
POWER_Z = 0.8416212335729143  # 80 % power
WIDE = 0.30  # an interval this wide says little more than "better than guessing"
_NAMED = 6  # so many classes are named in a sentence


@dataclass(frozen=True, kw_only=True)
class Sureness:
    """What it would say that `right` of `n` images are right: `low` and `high` enclose 95 %."""

    name: str
    n: int
    right: int
    low: float
    high: float

    @property
    def measured(self) -> float:
        """The rate that `right` of `n` images make; 0 where there are none."""
        return self.right / self.n if self.n else 0.0

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
            f"With {images}, {self.right} right is a measured {what} of {words.percent(self.measured)}: "
            f"the true one could be anywhere from {words.percent(self.low)} to {words.percent(self.high)}."
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

    `measured` is the rate that one imagines to measure; each size can show only the nearest one that so
    many whole images make (of 4 images 4, for 0.9).

    Raises:
        SplitError: it is no share.
    """
    if not 0 <= measured <= 1:
        raise SplitError(f"A measured rate lies between 0 and 1; found {measured:g}.")
    sizes = {"all classes": sum(counts.values()), **counts}
    found = []
    for name, n in sizes.items():
        right = round(measured * n)
        low, high = wilson(right / n if n else 0.0, n)
        found.append(Sureness(name=name, n=n, right=right, low=low, high=high))
    return found


def judged_on(counts: dict[str, dict[str, int]]) -> str:
    """The subset that gives the grade: test, or validation where there is no test; `counts` as a split's."""
    return "test" if any(counts["test"].values()) else "validation"


def warning(counts: dict[str, dict[str, int]]) -> str | None:
    """A sentence where classes have too few images to be judged; `counts` as a split's."""
    subset = judged_on(counts)
    each = of_counts(counts[subset])[1:]
    poor = sorted((one for one in each if one.width > WIDE), key=lambda one: (one.n, one.name))
    if not poor:
        return None
    names = ", ".join(f"{one.name} ({one.n})" for one in poor[:_NAMED]) + " …" * (len(poor) > _NAMED)
    return f"Too few {subset} images to judge these classes well: {names}. {poor[0].sentence(subset)}"


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
            f"A margin of {words.percent(margin, 1)} above an accuracy of {words.percent(accuracy, 1)} "
            "cannot be: both lie between 0 and 100 %, and so does their sum."
        )
    pooled = (accuracy + better) / 2
    chance = Z * math.sqrt(2 * pooled * (1 - pooled))
    effect = POWER_Z * math.sqrt(accuracy * (1 - accuracy) + better * (1 - better))
    return math.ceil(((chance + effect) / margin) ** 2)
