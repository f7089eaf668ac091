"""How much memory this process has held at most."""

import sys

import torch


def peak_bytes(device: torch.device) -> int:
    """The most bytes of the GPU, or of this process where it computes on the processor; 0 where the system
    does not say.
    """
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
