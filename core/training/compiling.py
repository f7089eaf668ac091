"""torch.compile, where it is asked for and works: tried out before the first step."""

import torch
from torch import nn

from core.training import config as configs
from core.training import device as devices

FAILED = (
    "The network could not be compiled here ({reason}); the run goes on without. On a processor compiling "
    "needs a C++ compiler."
)
_TRIAL = 4  # images


def compiled(
    model: nn.Module, config: configs.TrainingConfig, device: torch.device, image_size: int
) -> tuple[nn.Module, str]:
    """`model` compiled, and an empty sentence; or itself, and why it could not be.

    The compiled network shares its weights with `model`, which stays what is saved: names never change. A
    forward and a backward pass are tried at once, so that a missing compiler shows here.
    """
    before = {name: value.clone() for name, value in model.named_buffers()}  # BatchNorm sees the trial too
    try:
        candidate: nn.Module = torch.compile(model)  # type: ignore[assignment]
        images = torch.zeros(_TRIAL, 3, image_size, image_size, device=device)
        with devices.autocast(device, config.precision):
            scores = candidate(images.to(memory_format=torch.channels_last))
        if scores.requires_grad:
            scores.float().sum().backward()
        return candidate, ""
    except Exception as error:  # a compiler may fail in any way
        return model, FAILED.format(reason=_short(error))
    finally:
        model.zero_grad(set_to_none=True)
        for name, value in model.named_buffers():
            value.copy_(before[name])


def _short(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:200].rstrip(": ")
