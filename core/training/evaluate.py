"""The logits of images that are not trained on, and the figures that choose the best epoch."""

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.model import transform as transforms
from core.training import ahead, faults
from core.training import device as devices
from core.training import pixels as pixel_stores

BATCH = 64


@torch.inference_mode()
def logits(
    model: nn.Module,
    pixels: pixel_stores.Pixels,
    indices: np.ndarray,
    transform: transforms.EvalTransform,
    *,
    device: torch.device,
    precision: str = "fp32",
    batch_size: int = BATCH,
    on_batch: Callable[[int], None] = lambda done: None,
) -> np.ndarray:
    """What `model` answers for the images at `indices`: (n, n_classes) float32.

    Pixels go the way of every prediction: `transform.crop`, `transform.batch`. `on_batch` hears how many
    images are done, and may raise to stop. Where memory runs out, fewer images are answered at once.
    """

    def fetch(some: np.ndarray) -> Tensor:
        squares = pixels.take(some)  # (n, R, R, 3)
        return ahead.pinned(torch.from_numpy(transform.batch(transform.crop(squares))), device)

    modes = {module: module.training for module in model.modules()}
    model.eval()
    parts: list[np.ndarray] = []
    done, fit = 0, batch_size
    chunks = [indices[first : first + batch_size] for first in range(0, len(indices), batch_size)]
    try:
        with contextlib.closing(ahead.ahead(fetch, chunks, device)) as fetched:
            for images in fetched:  # (n, 3, S, S)
                while (scores := _scores(model, images, fit, device, precision)) is None:
                    fit = faults.smaller_part(min(fit, len(images)))
                parts.append(scores)
                done += len(images)
                on_batch(done)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)


def _scores(
    model: nn.Module, images: Tensor, fit: int, device: torch.device, precision: str
) -> np.ndarray | None:
    """(n, 3, S, S) -> (n, n_classes), up to `fit` images at once; None where memory ran out."""
    try:
        found = []
        for some in images.split(fit):
            here = some.to(device, non_blocking=True).to(memory_format=torch.channels_last)
            with devices.autocast(device, precision):
                found.append(model(here).float())
        return torch.cat(found).cpu().numpy()
    except RuntimeError as error:
        if not faults.is_out_of_memory(error):
            raise
        return None


def figures(logits_: np.ndarray, true: np.ndarray) -> dict[str, Any]:
    """What an epoch's line says of the validation images: loss, accuracy, balanced accuracy, macro F1,
    confusion.

    `logits_` is (n, n_classes), `true` (n,). Macro F1 is the mean over the classes that were met or answered,
    as scikit-learn's; row i of `confusion` is true class i.
    """
    n, n_classes = logits_.shape
    shifted = logits_.astype(np.float64) - logits_.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    counts = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(counts, (true, logits_.argmax(axis=1)), 1)
    hits, support, answered = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    met, seen = support > 0, (support + answered) > 0
    return {
        "loss": float((log_sums - shifted[np.arange(n), true]).mean()),
        "accuracy": float(hits.sum() / n),
        "balanced_accuracy": float((hits[met] / support[met]).mean()),
        "macro_f1": float((2 * hits[seen] / (support + answered)[seen]).mean()),
        "confusion": counts.tolist(),
    }


def better(metric: str, value: float, best: float | None) -> bool:
    """Whether `value` beats the best one so far; a tie keeps the earlier epoch."""
    return best is None or (value < best if metric == "loss" else value > best)
