"""The running average of the weights: what is judged and kept where a run asks for it."""

import copy

import torch
from torch import nn

from core.model import network

AT_ONCE = 10
"""The average follows quickly at first: its decay is (1 + steps) / (10 + steps) until it reaches its own."""


class Average:
    """`model` is what a run judges and keeps: the trained network itself, or the average of its weights."""

    def __init__(self, trained: network.Classifier, decay: float | None) -> None:
        self.trained, self.decay = trained, decay
        self.model = trained if decay is None else copy.deepcopy(trained).requires_grad_(False)

    @torch.no_grad()
    def follow(self, steps: int) -> None:
        """Take note of the weights after the `steps`-th step of the run (from 1).

        Counters and BatchNorm's own averages are taken as they are.
        """
        if self.decay is None:
            return
        decay = min(self.decay, (1 + steps) / (AT_ONCE + steps))
        mine = [value.detach() for value in self.model.parameters()]
        torch._foreach_lerp_(mine, [value.detach() for value in self.trained.parameters()], 1 - decay)
        for kept, now in zip(self.model.buffers(), self.trained.buffers(), strict=True):
            kept.copy_(now)

    def parts(self) -> dict[str, nn.Module]:
        """What a checkpoint has to hold beside the trained network."""
        return {} if self.decay is None else {"average": self.model}
