"""What the steps of an epoch add up to, kept on the device so that no step waits to be read."""

import collections

import torch
from torch import Tensor

IN_FLIGHT = 2
"""Steps that a GPU may be behind: it never waits for the next one, and the time of a step is its own."""


class Tally:
    """Sums of losses and of correct answers, and the first step whose numbers were none."""

    def __init__(self, device: torch.device) -> None:
        exact = torch.float32 if device.type == "mps" else torch.float64
        self.sums = torch.zeros(2, dtype=exact, device=device)
        self.first_bad = torch.full((), -1, dtype=torch.int64, device=device)

    def add(self, sums: Tensor, is_bad: Tensor, step: int) -> Tensor:
        """Count a step's `sums` (2,), unless a step went bad; returns 1.0 where one has, else 0.0."""
        here = torch.full_like(self.first_bad, step)
        self.first_bad = torch.where(is_bad & (self.first_bad < 0), here, self.first_bad)
        gone_bad = self.first_bad >= 0
        self.sums += torch.where(gone_bad, torch.zeros_like(sums), sums)
        return gone_bad.float()

    def read(self) -> tuple[float, float, int | None]:
        """Wait for the device: the sums since the last reading, and the first bad step if there was one."""
        loss, correct = self.sums.tolist()
        first_bad = int(self.first_bad)
        self.sums.zero_()
        self.first_bad.fill_(-1)
        return loss, correct, None if first_bad < 0 else first_bad


class Leash:
    """Keeps a process from running far ahead of its GPU; other devices work step by step anyway."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.marks: collections.deque[torch.cuda.Event] = collections.deque()

    def step(self) -> None:
        """Call it after each step: waits until the GPU is no more than a few steps behind."""
        if self.device.type == "cuda":
            self.marks.append(torch.cuda.Event())
            self.marks[-1].record()
            if len(self.marks) > IN_FLIGHT:
                self.marks.popleft().synchronize()
