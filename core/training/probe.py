"""Before the first epoch: a few images through the network tell what steps and answers will take.

The network is left as it was: gradients are thrown away, and BatchNorm's statistics put back.
"""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.features import extract
from core.inference import unknown
from core.model import fused, network, weights_files
from core.model import transform as transforms
from core.training import config as configs
from core.training import device as devices
from core.training import optim

IMAGES = 8
DECODED = 4
FIGURES_SECONDS = 2.0
"""About what the figures with their intervals take, and the libraries that are loaded for them."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Found:
    """Seconds of each kind of work: a step of `IMAGES` images, and one image in evaluation (in the run's
    precision) or answered for good (in fp32).
    """

    head_step: float
    full_step: float
    evaluation: float
    answer: float


def look(model: network.Classifier, device: torch.device, precision: str, batch_norm: str) -> Found:
    """Time each kind twice, and take the second time: the first warms up."""
    images = torch.rand(IMAGES, 3, model.image_size, model.image_size, device=device)
    images = images.to(memory_format=torch.channels_last)
    quick = fused.fuse(model)
    with _as_it_was(model):
        steps = []
        for head_only in (True, False):
            optim.freeze(model, stages_frozen=optim.frozen_stages(model, "none", head_only=head_only))
            optim.set_mode(model, batch_norm=batch_norm)
            steps.append(_seconds(lambda: _step(model, images, device, precision), device))
        model.eval()
        seen = _seconds(lambda: _see(model, images, device, precision), device)
    answered = _seconds(lambda: _see(quick, images, device, "fp32"), device)
    return Found(head_step=steps[0], full_step=steps[1], evaluation=seen / IMAGES, answer=answered / IMAGES)


def tail(
    table: pd.DataFrame,
    transform: transforms.EvalTransform,
    found: Found,
    missing: int,
    threads: int,
) -> float:
    """Seconds after the last epoch: the best epoch's answers, the figures, and the sense of the unknown.

    `table` is the manifest; `missing` images have no features yet, and are decoded once more for them.
    """
    judged = int(table["subset"].isin(["validation", "test"]).sum())
    each = found.answer + (_decoding(table, transform) / threads if missing else 0.0)
    return judged * found.answer + missing * each + FIGURES_SECONDS


def without_features(
    table: pd.DataFrame,
    source: weights_files.Weights,
    transform: transforms.EvalTransform,
    config: configs.TrainingConfig,
) -> int:
    """How many of the images that the unknown is learnt from have no features in the cache yet."""
    known = table[table["subset"].isin(["train", "validation"])]
    half = (known["subset"] == "train") & (config.precision == "bf16")
    missing = sum(
        extract.n_missing(
            known["sha256"][rows].tolist(), config.backbone, source, transform, precision=precision
        )
        for precision, rows in (("bf16", half), ("fp32", ~half))
    )
    return min(missing, unknown.MOST_IMAGES)


def _decoding(table: pd.DataFrame, transform: transforms.EvalTransform) -> float:
    """Seconds to decode one image."""
    files = [table["file"].iloc[i] for i in np.linspace(0, len(table) - 1, DECODED).astype(int)]
    start = time.perf_counter()
    for file in files:
        transform.read(Path(file))
    return (time.perf_counter() - start) / len(files)


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    took = 0.0
    for _ in range(2):
        start = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        took = time.perf_counter() - start
    return took


def _step(model: network.Classifier, images: Tensor, device: torch.device, precision: str) -> None:
    with devices.autocast(device, precision):
        scores = model(images)
    scores.float().square().mean().backward()


def _see(model: nn.Module, images: Tensor, device: torch.device, precision: str) -> None:
    with torch.inference_mode(), devices.autocast(device, precision):
        model(images)


@contextlib.contextmanager
def _as_it_was(model: network.Classifier) -> Iterator[None]:
    """Put back what looking changes: BatchNorm's statistics, what learns, and the gradients."""
    buffers = [value.clone() for value in model.buffers()]
    learns = [parameter.requires_grad for parameter in model.parameters()]
    try:
        yield
    finally:
        model.zero_grad(set_to_none=True)
        for parameter, learnt in zip(model.parameters(), learns, strict=True):
            parameter.requires_grad_(learnt)
        for value, before in zip(model.buffers(), buffers, strict=True):
            value.copy_(before)
