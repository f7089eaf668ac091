"""What to do, and to say, when arithmetic fails: memory that runs out, and losses that are no numbers."""

import contextlib

import torch
from torch import Tensor, nn

from core.errors import TrainingError

NOT_FINITE = (
    "The model's answers stopped being numbers in epoch {epoch}. The last good weights are kept. "
    "Start again with smaller learning rates, or with clip set to 1."
)
NOT_A_NUMBER = (
    "The loss stopped being a number in epoch {epoch}, step {step}: first seen {where}. The last good "
    "weights are kept. Start again with smaller learning rates, or with clip set to 1."
)
OUT_OF_STEP = (
    "Memory ran out in one of the processes, in a step that takes no more of it than those before: something "
    "else uses it too. Free it or choose a smaller batch size, and resume the run."
)
_SIGNS = ("can't allocate memory", "out of memory", "ALLOC_FAILED")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, on a GPU or beside the processor."""
    return isinstance(error, torch.OutOfMemoryError) or any(sign in str(error) for sign in _SIGNS)


def smaller_part(part: int, least: int = 1) -> int:
    """Half of `part` images, once memory ran out; call it when the error is gone, with all that it held.

    Raises:
        TrainingError: not even `least` images fit.
    """
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if part <= least:
        raise TrainingError(
            f"Memory runs out with {'a single image' if part == 1 else f'only {part} images'}. Choose a "
            "smaller image size or a smaller backbone."
        )
    return max(part // 2, least)


def pieces(n: int, part: int, least: int = 1) -> int:
    """Into how many about equal pieces `n` images are cut: up to `part` in each, and at least `least`."""
    return max(min(-(-n // part), n // least), 1)


def blame(model: nn.Module, images: Tensor, context: contextlib.AbstractContextManager[object]) -> str:
    """Where `images` (n, 3, S, S) first lead to what is no number: a layer of `model`, computed in
    `context`, or the images themselves; empty where all is well.
    """
    if not torch.isfinite(images).all():
        return "in the images"
    found: list[str] = []

    def look(name: str, output: object) -> None:
        if not found and isinstance(output, Tensor) and not torch.isfinite(output).all():
            found.append(name)

    leaves = [(name, module) for name, module in model.named_modules() if not list(module.children())]
    hooks = [
        module.register_forward_hook(lambda _module, _input, output, name=name: look(name, output))
        for name, module in leaves
    ]
    try:
        with torch.no_grad(), context:
            model(images)
    finally:
        for hook in hooks:
            hook.remove()
    return f"at layer {found[0]}" if found else ""
