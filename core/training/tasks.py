"""What the loop is given, and whom it tells: data classes without behaviour of their own."""

import dataclasses
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from core.model import transform as transforms
from core.training import config as configs
from core.training import order
from core.training import pixels as pixel_stores


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task:
    """What is to be learned: `paths` and `labels` (n_images,) of all images; `train` and `validation` are
    positions in it.
    """

    config: configs.TrainingConfig
    transform: transforms.EvalTransform
    pixels: pixel_stores.Pixels
    paths: list[str]
    labels: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    n_classes: int
    device: torch.device
    precision: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """One step, as a listener hears of it: `epoch` and `step` count from 1; `seconds` is what the step
    took. `size` is the images' side in pixels; `loss` the mean of the epoch's first `seen` images;
    `rate` the head's learning rate.
    """

    epoch: int
    step: int
    steps: int
    images: int
    seconds: float
    head_only: bool
    part: int
    evaluating: bool = False
    size: int = 0
    loss: float | None = None
    seen: int = 0
    rate: float = 0.0


class Listener(Protocol):
    """Hears how it goes on. Either call may raise to stop; the trainer's state is then fit to be saved."""

    def on_step(self, step: Step) -> None: ...

    def on_epoch(self, entry: dict[str, Any], improved: bool) -> None: ...


def steps_per_epoch(task: Task) -> int:
    """How many steps an epoch has."""
    return len(order.batches(np.arange(len(task.train)), task.config.batch_size or 1))


def longest_batch(task: Task) -> int:
    """The most images in one step: one that would be left over alone joins the batch before it."""
    return max(len(batch) for batch in order.batches(np.arange(len(task.train)), task.config.batch_size or 1))


def batches(task: Task, epoch: int) -> list[np.ndarray]:
    """The batches of an epoch (from 0): numbers of training images, as `order.numbered` gives them."""
    config, labels = task.config, task.labels[task.train]
    plan = order.of_epoch(labels, seed=config.seed, epoch=epoch, balance=config.balance or "none")
    return order.batches(order.numbered(plan, len(labels)), config.batch_size or 1)


def class_weights(task: Task) -> Tensor:
    """What each class's images count in the loss: (n_classes,)."""
    weights = balance_weights(task.labels[task.train], task.n_classes, task.config.balance or "none")
    return torch.from_numpy(weights).float()


def balance_weights(labels: np.ndarray, n_classes: int, balance: str) -> np.ndarray:
    """All ones, or with "weights" so that every class counts the same, 1 on average over `labels` (n,)."""
    if balance != "weights":
        return np.ones(n_classes)
    counts = np.bincount(labels, minlength=n_classes)
    return len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))


def head_weights(labels: np.ndarray, n_classes: int, balance: str) -> np.ndarray:
    """`balance_weights` for a head fitted to all images at once: sampling evenly is to weigh there."""
    return balance_weights(labels, n_classes, "weights" if balance == "sampler" else balance)
