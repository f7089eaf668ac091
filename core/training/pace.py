"""How long it will still take: from what steps took lately, and what is left of each kind."""

import collections
import statistics

from core.training import tasks

RECENT = 50
FULL_TO_HEAD = 2.8
"""How many times longer a step through the whole network takes than one of the head alone, until it is
measured.
"""


class Pace:
    """Keeps the time of recent steps, apart for those of the head alone and those of the whole network."""

    def __init__(
        self, *, epochs: int, steps: int, head_epochs: int, evaluation_images: int, final_images: int
    ) -> None:
        self.epochs, self.steps, self.head_epochs = epochs, steps, head_epochs
        self.evaluation_images, self.final_images = evaluation_images, final_images
        self.recent: dict[bool, collections.deque[float]] = {
            True: collections.deque(maxlen=RECENT),
            False: collections.deque(maxlen=RECENT),
        }
        self.evaluations: collections.deque[float] = collections.deque(maxlen=3)
        self.images_per_second = 0.0

    def hear(self, step: tasks.Step) -> None:
        """Take note of a step."""
        if step.evaluating:
            return
        self.recent[step.head_only].append(step.seconds)
        times = list(self.recent[step.head_only])[-10:]
        self.images_per_second = step.images * len(times) / sum(times) if sum(times) else 0.0

    def evaluated(self, seconds: float) -> None:
        """Take note of how long the validation images took."""
        self.evaluations.append(seconds)

    def expect(self, *, head: float | None, full: float | None) -> None:
        """Begin with what a measurement before the start found, in seconds a step."""
        for head_only, seconds in ((True, head), (False, full)):
            if seconds is not None and not self.recent[head_only]:
                self.recent[head_only].append(seconds)

    def seconds_left(self, epoch: int, step: int) -> float | None:
        """Seconds to the end of the run, at `step` (done) of `epoch` (from 1); None before anything is
        known.
        """
        head, full = self._typical(True), self._typical(False)
        if head is None and full is None:
            return None
        full = full if full is not None else FULL_TO_HEAD * (head or 0.0)
        head = head if head is not None else full / FULL_TO_HEAD
        left_here = self.steps - step
        head_left = max(self.head_epochs - epoch, 0) * self.steps + (
            left_here if epoch <= self.head_epochs else 0
        )
        all_left = max(self.epochs - epoch, 0) * self.steps + left_here
        training = head_left * head + (all_left - head_left) * full
        return training + self._evaluation(head) * (max(self.epochs - epoch, 0) + 1) + self._final(head)

    def _typical(self, head_only: bool) -> float | None:
        times = self.recent[head_only]
        return statistics.median(times) if times else None

    def _evaluation(self, head_step: float) -> float:
        if self.evaluations:
            return statistics.median(self.evaluations)
        return 0.0 if not self.steps else head_step * self.evaluation_images / 32

    def _final(self, head_step: float) -> float:
        """The last look at validation and test images, in fp32."""
        each = self._evaluation(head_step) / max(self.evaluation_images, 1)
        return 1.5 * each * self.final_images
