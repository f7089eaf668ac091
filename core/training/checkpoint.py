"""The checkpoint: everything that a run needs to go on as if it had never stopped.

Weights, optimizer, how far it came, and the sums of the epoch under way. Data order, augmentation and
dropout are functions of seed, epoch and step, so their random state is those three numbers. A checkpoint is
written whole or not at all, and is the truth: history beyond it is trimmed when the run goes on.
"""

import dataclasses
import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from core import workspace
from core.errors import TrainingError

FORMAT = 2
READ = (1, 2)
"""Formats that are read; 1 has no scaler, so that a run in fp16 goes on with a scale that it finds anew."""


@dataclasses.dataclass
class State:
    """How far a run has come.

    epoch: whole epochs done; step: steps done of the next one. totals: that epoch's sum of losses, correct
    answers, images and seconds so far. stale: epochs in a row without a better value. part: images that fit
    the device at once (a batch is cut into parts of that many). scaler: the state of the gradients' scale,
    where fp16 needs one.
    """

    epoch: int = 0
    step: int = 0
    totals: list[float] = dataclasses.field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0])
    best_epoch: int | None = None
    best_value: float | None = None
    stale: int = 0
    part: int = 0
    stopped_early: bool = False
    scaler: dict[str, float] = dataclasses.field(default_factory=dict)


def save(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    state: State,
    parts: Mapping[str, nn.Module] = MappingProxyType({}),
) -> None:
    """Write the checkpoint; `parts` are further networks that go with the model, by name.

    Raises:
        WorkspaceError: the disk is full, or the folder cannot be written.
    """
    buffer = io.BytesIO()
    record = {
        "format": FORMAT,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "state": dataclasses.asdict(state),
        "parts": {name: part.state_dict() for name, part in parts.items()},
    }
    torch.save(record, buffer)
    with workspace.replacing(path) as temporary:
        temporary.write_bytes(buffer.getbuffer())


def load(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    parts: Mapping[str, nn.Module] = MappingProxyType({}),
) -> State:
    """Put a checkpoint into model, optimizer and `parts`; a run without one starts at its beginning.

    Raises:
        TrainingError: it is damaged, or of another version.
    """
    if not path.exists():
        return State()
    try:
        record: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if record["format"] not in READ:
            raise ValueError(f"it has format {record['format']}, and up to {FORMAT} is read")
        model.load_state_dict(record["model"])
        optimizer.load_state_dict(record["optimizer"])
        for name, part in parts.items():
            part.load_state_dict(record["parts"][name])
        return State(**record["state"])
    except Exception as error:  # a damaged file may raise anything
        raise TrainingError(
            f"The run's {path.name} cannot be read ({error}). Delete the file to train from the start."
        ) from error
