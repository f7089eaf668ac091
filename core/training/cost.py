"""What a full finetuning will take, from a few steps on this device: seconds and memory."""

import contextlib
import dataclasses
import statistics
import time
from typing import Any

import numpy as np
import pandas as pd
import torch

from core.model import network
from core.training import (
    checkpoint,
    evaluate,
    loop,
    memory,
    optim,
    pace,
    pixels,
    probe,
    settings,
    tasks,
    waiting,
)

STEPS = 3
DECODED = 16


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds of each kind of work, and what they add up to; `memory_bytes` is the worker's peak.
    `contended`: another run was at work on the device while this was timed.
    """

    decode_seconds: float
    head_step_seconds: float
    full_step_seconds: float
    evaluation_seconds: float
    seconds: float
    queue_seconds: float
    memory_bytes: int
    contended: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return dataclasses.asdict(self)


class RandomPixels:
    """As many images as are asked for, of noise: decoding is measured apart."""

    def __init__(self, n_images: int, side: int) -> None:
        self.n_images = n_images
        self.squares = np.random.default_rng(0).integers(0, 256, (8, side, side, 3), dtype=np.uint8)

    def __len__(self) -> int:
        return self.n_images

    def take(self, indices: Any) -> np.ndarray:
        return self.squares[np.asarray(indices) % len(self.squares)]


class _Clock:
    """Hears the trainer's steps and keeps their seconds."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def on_step(self, step: tasks.Step) -> None:
        self.seconds.append(step.seconds)
        if len(self.seconds) > STEPS:
            raise StopIteration

    def on_epoch(self, entry: dict[str, Any], improved: bool) -> None:
        raise StopIteration


def measure(setting: settings.Setting, table: pd.DataFrame, n_classes: int) -> Cost:
    """Time a few steps of each kind with the run's own settings; `table` is its manifest."""
    config = setting.config
    counts = table["subset"].value_counts()
    busy = waiting.busy(config.device)
    n_train, n_validation = int(counts["train"]), int(counts["validation"])
    head, full = (_step_seconds(setting, n_classes, head_only=only) for only in (True, False))
    look = _evaluation_seconds(setting) / DECODED
    decode = _decode_seconds(setting, table) / DECODED
    steps = -(-n_train // (config.batch_size or 1))
    tail = 1.5 * look * (len(table) - n_train) + probe.FIGURES_SECONDS
    pacing = pace.Pace(pace.plan(config), steps=steps, evaluation_images=n_validation, tail=tail)
    size = setting.transform.image_size
    pacing.expect(head=head, full=full, size=size, evaluation=look * n_validation)
    seconds = (pacing.seconds_left(1, 0) or 0.0) + decode * len(table)
    return Cost(
        decode_seconds=round(decode * len(table), 2),
        head_step_seconds=round(head, 4),
        full_step_seconds=round(full, 4),
        evaluation_seconds=round(look * n_validation, 2),
        seconds=round(seconds, 1),
        queue_seconds=round(waiting.seconds(config.device), 1),
        contended=busy or waiting.busy(config.device),
        memory_bytes=memory.peak_bytes(setting.device),
    )


def _step_seconds(setting: settings.Setting, n_classes: int, *, head_only: bool) -> float:
    """The median of a few training steps on a copy of the network; the first warms up."""
    config = setting.config.but(head_epochs=1 if head_only else 0, progressive="off", compile="off")
    model = network.Classifier(config.backbone, n_classes, config.image_size or 224)
    model = model.to(setting.device).to(memory_format=torch.channels_last)
    n_images = (config.batch_size or 1) * (STEPS + 2)
    task = tasks.Task(
        config=config,
        transform=setting.transform,
        pixels=RandomPixels(n_images, setting.transform.resize),
        paths=[""] * n_images,
        labels=np.arange(n_images) % n_classes,
        train=np.arange(n_images),
        validation=np.arange(1),
        n_classes=n_classes,
        device=setting.device,
        precision=config.precision,
    )
    clock = _Clock()
    optimizer = optim.build(model, config, head_steps=0)
    with contextlib.suppress(StopIteration):
        loop.Trainer(model, task, optimizer, checkpoint.State(), clock).fit()
    return statistics.median(clock.seconds[1:])


def _evaluation_seconds(setting: settings.Setting) -> float:
    """Seconds to answer `DECODED` images."""
    store = RandomPixels(DECODED, setting.transform.resize)
    start = time.perf_counter()
    evaluate.logits(
        setting.model,
        store,
        np.arange(DECODED),
        setting.transform,
        device=setting.device,
        precision=setting.config.precision,
        batch_size=DECODED,
    )
    return time.perf_counter() - start


def _decode_seconds(setting: settings.Setting, table: pd.DataFrame) -> float:
    """Seconds to decode `DECODED` of the images, spread over the table."""
    places = np.linspace(0, len(table) - 1, DECODED).astype(int)
    start = time.perf_counter()
    pixels.DecodedPixels(table, setting.transform, setting.config.threads or 1).take(places)
    return time.perf_counter() - start
