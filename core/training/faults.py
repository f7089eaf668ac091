"""What to do, and to say, when arithmetic fails: memory that runs out, and losses that are no numbers."""

import torch
from torch import Tensor, nn

from core.errors import TrainingError

NOT_FINITE = (
    "The model's answers stopped being numbers in epoch {epoch}. The last good weights are kept. "
    "Start again with smaller learning rates, or with clip set to 1."
)


def smaller_part(error: BaseException, part: int) -> int:
    """Half of `part` images if `error` says that memory ran out; any other error goes on.

    Raises:
        TrainingError: not even one image fits.
    """
    out_of_memory = isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
    if not out_of_memory:
        raise error
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if part <= 1:
        raise TrainingError(
            "Memory runs out with a single image. Choose a smaller image size or a smaller backbone."
        ) from error
    return part // 2


def blame(model: nn.Module, images: Tensor, epoch: int, step: int) -> str:
    """A sentence that names the first layer whose output is no number for `images` (n, 3, S, S)."""
    where = "in the loss itself" if torch.isfinite(images).all() else "in the images"
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
        with torch.no_grad():
            model(images)
    finally:
        for hook in hooks:
            hook.remove()
    where = f"at layer {found[0]}" if found else where
    return (
        f"The loss stopped being a number in epoch {epoch}, step {step}: first seen {where}. The last good "
        "weights are kept. Start again with smaller learning rates, or with clip set to 1."
    )
