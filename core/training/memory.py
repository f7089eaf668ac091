"""How much memory training has held at most, wherever it computes."""

import torch

from core import memory


def peak_bytes(device: torch.device) -> int:
    """The most bytes of the GPU, or of this process where it computes on the processor; 0 where the system
    does not say.
    """
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return memory.peak_bytes()
