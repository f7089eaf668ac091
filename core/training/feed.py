"""What the network is shown: squares fetched in a thread of their own, altered and blended on the device.

Images go by their numbers in the epoch (`order.numbered`): which they are, and how often they came before.
"""

import dataclasses

import numpy as np
import torch
from torch import Tensor

from core.model import augment, mixing
from core.training import ahead, progressive, tasks


@dataclasses.dataclass(frozen=True)
class Fetched:
    """One process's share of a batch: `numbers` (n,), and `squares` (m, R, R, 3) uint8 of those images and
    then of the partners that they are blended with, where these belong to other processes.
    """

    numbers: np.ndarray
    squares: Tensor
    places: dict[int, int]
    partners: dict[int, int]


class Feed:
    """Shows the training images of one epoch (from 0)."""

    def __init__(self, task: tasks.Task, epoch: int) -> None:
        self.task, self.epoch = task, epoch
        self.size = progressive.size(task.config, epoch)
        self.transform = progressive.transform(task.transform, self.size)

    def fetch(self, batch: np.ndarray, mine: np.ndarray) -> Fetched:
        """Read what it takes to show `mine` of a batch of all processes; runs in a thread of its own."""
        partners = mixing.partners(batch) if self.task.config.mix != "none" else {}
        others = np.array([partners[number] for number in mine.tolist() if partners], dtype=np.int64)
        needed = np.concatenate([mine, np.setdiff1d(others, mine)])
        train = self.task.train
        squares = torch.from_numpy(self.task.pixels.take(train[needed % len(train)]))
        places = {number: place for place, number in enumerate(needed.tolist())}
        return Fetched(mine, ahead.pinned(squares, self.task.device), places, partners)

    def show(self, fetched: Fetched, numbers: np.ndarray) -> tuple[Tensor, Tensor]:
        """Some of the fetched images: (n, 3, S, S), channels-last, and their labels (n,) or, where they are
        blended, each class's share (n, n_classes).
        """
        if not fetched.partners:
            return self._altered(fetched, numbers)
        images, shares = mixing.blend(
            self.task.config.mix,
            numbers,
            fetched.partners,
            lambda needed: self._altered(fetched, needed),
            n_classes=self.task.n_classes,
            seed=self.task.config.seed,
            epoch=self.epoch,
        )
        return images.contiguous(memory_format=torch.channels_last), shares

    def _altered(self, fetched: Fetched, numbers: np.ndarray) -> tuple[Tensor, Tensor]:
        """Augmented images and their labels (n,)."""
        task, train = self.task, self.task.train
        squares = _rows(fetched, numbers).to(task.device, non_blocking=True)
        if self.transform is not task.transform:
            squares = augment.shrink(squares, self.transform.resize)
        images = augment.batch(
            squares,
            self.transform,
            task.config.augment or "none",
            seed=task.config.seed,
            epoch=self.epoch,
            indices=numbers.tolist(),
        )
        truth = ahead.pinned(torch.from_numpy(task.labels[train[numbers % len(train)]]), task.device)
        return images.contiguous(memory_format=torch.channels_last), truth.to(task.device, non_blocking=True)


def _rows(fetched: Fetched, numbers: np.ndarray) -> Tensor:
    """The squares of those numbers; neighbours stay a view, which keeps its pinned memory."""
    rows = [fetched.places[number] for number in numbers.tolist()]
    first = rows[0] if rows else 0
    if rows == list(range(first, first + len(rows))):
        return fetched.squares[first : first + len(rows)]
    return fetched.squares[rows]
