"""How long it will still take: from what steps took lately, and what is left of each kind."""

import collections
import dataclasses
import statistics
from collections.abc import Sequence

from core.training import config as configs
from core.training import progressive, tasks

RECENT = 20
FULL_TO_HEAD = 2.8
"""How many times longer a step through the whole network takes than one of the head alone, until it is
measured.
"""


@dataclasses.dataclass(frozen=True)
class Kind:
    """What makes steps take alike: whether only the head learns, and the images' side in pixels."""

    head_only: bool
    size: int


def plan(config: configs.TrainingConfig) -> list[Kind]:
    """The kind of each epoch's steps."""
    epochs = config.epochs or 1
    head = epochs if config.freeze == "all" else config.head_epochs or 0
    return [Kind(epoch < head, progressive.size(config, epoch)) for epoch in range(epochs)]


class Pace:
    """Keeps the time of recent steps of each kind; `plan` is the kind of each epoch's steps, `tail` the
    seconds of what comes after the last epoch.
    """

    def __init__(
        self, plan: Sequence[Kind], *, steps: int, evaluation_images: int, tail: float = 0.0
    ) -> None:
        self.plan, self.steps, self.evaluation_images = list(plan), steps, evaluation_images
        self.tail, self.ratio = tail, FULL_TO_HEAD
        self.recent: dict[Kind, collections.deque[float]] = {}
        self.evaluations: collections.deque[float] = collections.deque(maxlen=3)
        self.savings: collections.deque[float] = collections.deque(maxlen=3)
        self.expected: dict[Kind, float] = {}
        self.expected_evaluation: float | None = None
        self.images_per_second = 0.0

    @property
    def epochs(self) -> int:
        return len(self.plan)

    def hear(self, step: tasks.Step) -> None:
        """Take note of a step."""
        if step.evaluating:
            return
        kind = Kind(step.head_only, step.size)
        times = self.recent.setdefault(kind, collections.deque(maxlen=RECENT))
        times.append(step.seconds)
        lately = list(times)[-10:]
        self.images_per_second = step.images * len(lately) / sum(lately) if sum(lately) else 0.0

    def evaluated(self, seconds: float) -> None:
        """Take note of how long the validation images took."""
        self.evaluations.append(seconds)

    def saved(self, seconds: float) -> None:
        """Take note of how long it took to write an epoch down: weights, checkpoint and line."""
        self.savings.append(seconds)

    def expect(self, *, head: float, full: float, size: int, evaluation: float | None = None) -> None:
        """Take over what was measured before the start: seconds a step at `size` pixels, and for the
        validation images. Once steps are heard, only the ratio of the two kinds counts.
        """
        self.expected = {Kind(True, size): head, Kind(False, size): full}
        self.ratio = full / head if head > 0 else FULL_TO_HEAD
        self.expected_evaluation = evaluation

    def seconds_left(self, epoch: int, step: int) -> float | None:
        """Seconds to the end of the run, at `step` (done) of `epoch` (from 1); None before anything is
        known.
        """
        if not self.recent and not self.expected:
            return None
        done = (epoch - 1) * self.steps + step
        training = 0.0
        for number, kind in enumerate(self.plan):
            left = min(max((number + 1) * self.steps - done, 0), self.steps)
            training += left * self.step_seconds(kind)
        looks = max(self.epochs - epoch, 0) + 1
        saving = statistics.median(self.savings) if self.savings else 0.0
        return training + (self._evaluation() + saving) * looks + self.tail

    def step_seconds(self, kind: Kind) -> float:
        """What a step of that kind takes: as heard lately, else scaled from the nearest kind known."""
        known = {other: statistics.median(times) for other, times in self.recent.items()} or self.expected
        nearest = min(
            known, key=lambda other: (other.head_only != kind.head_only, abs(other.size - kind.size))
        )
        return known[nearest] * self._weight(kind) / self._weight(nearest)

    def _weight(self, kind: Kind) -> float:
        """What a step of that kind costs beside others: pixels count."""
        return float(max(kind.size, 1)) ** 2 * (1.0 if kind.head_only else self.ratio)

    def _evaluation(self) -> float:
        """Seconds for the validation images: as lately, as measured, else by a step of the head alone."""
        if self.evaluations:
            return statistics.median(self.evaluations)
        if self.expected_evaluation is not None:
            return self.expected_evaluation
        size = max((kind.size for kind in self.plan), default=0)
        return self.step_seconds(Kind(True, size)) * self.evaluation_images / 32
