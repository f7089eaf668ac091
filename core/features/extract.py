"""Features of images: what the frozen backbone makes of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core import progress as progress_module
from core.errors import ConfigError, ImageError
from core.features import reading, store
from core.model import fused, network, weights_files
from core.model import weights as weights_module
from core.model.transform import EvalTransform

PRECISIONS = ("fp32", "bf16")
KEEP_EVERY = 2000
"""Images after which features are kept, so that whoever is stopped goes on from there."""


def features(
    files: Sequence[Path],
    backbone: str,
    weights: weights_module.Weights,
    transform: EvalTransform,
    *,
    hashes: Sequence[str] | None = None,
    seed: int = 0,
    precision: str = "fp32",
    batch_size: int = 32,
    workers: int = 2,
    device: str = "cpu",
    progress: progress_module.Progress | None = None,
) -> NDArray[np.float32]:
    """Features of `files` by a pretrained, frozen backbone: (n_files, n_features).

    Each image's features are computed once and kept by its content; `hashes` are the SHA-256 of the
    files' bytes where they are known. `seed` matters only for weights "none".

    Raises:
        ImageError: a file cannot be read any more.
        WeightsError: the weights are damaged or do not fit.
    """
    _check_precision(precision)
    report = progress or progress_module.silent
    known = list(hashes) if hashes is not None else [weights_files.sha256(path) for path in files]
    place = store.folder(_key(backbone, weights, transform, seed, precision))
    found = store.fetch(place, known)
    # By content: what was written to since must not be kept under the hash of what it was.
    missing = {
        sha: reading.Checked(file=path, sha256=sha)
        for sha, path in zip(known, files, strict=True)
        if sha not in found
    }
    if missing:
        model = fused.fuse(frozen(backbone, weights, transform.image_size, seed=seed))
        options = {"precision": precision, "batch_size": batch_size, "workers": workers, "device": device}
        names = list(missing)
        for first in range(0, len(names), KEEP_EVERY):
            some = names[first : first + KEEP_EVERY]
            heard = _from(first, len(names), report)
            rows = of_model(model, [missing[sha] for sha in some], transform, progress=heard, **options)  # type: ignore[arg-type]
            store.keep(place, some, rows)
            found |= dict(zip(some, rows, strict=True))
    return np.stack([found[sha] for sha in known]) if known else np.empty((0, 0), np.float32)


def n_missing(
    hashes: Sequence[str],
    backbone: str,
    weights: weights_module.Weights,
    transform: EvalTransform,
    *,
    seed: int = 0,
    precision: str = "fp32",
) -> int:
    """How many images, by the SHA-256 of their files, `features` would have to compute."""
    place = store.folder(_key(backbone, weights, transform, seed, precision))
    return len(set(hashes) - store.fetch(place, hashes).keys())


def of_model(
    model: network.Classifier,
    files: Sequence[Path | reading.Checked],
    transform: EvalTransform,
    *,
    precision: str = "fp32",
    batch_size: int = 32,
    workers: int = 2,
    device: str = "cpu",
    progress: progress_module.Progress | None = None,
) -> NDArray[np.float32]:
    """Features of `files` by the backbone of `model` as it is, not kept: (n_files, n_features).

    Raises:
        ImageError: a file cannot be read.
    """
    _check_precision(precision)
    report = progress or progress_module.silent
    model = model.to(device=device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    rows = []
    for batch in reading.batches(files, transform, batch_size=batch_size, workers=workers):
        for place, reason in batch.errors.items():
            file = files[place]
            name = file.file if isinstance(file, reading.Checked) else file
            raise ImageError(f"{name} cannot be read any more: {reason}")
        rows.append(of_pixels(model, batch.pixels, transform, precision=precision, device=device))
        report(batch.first + batch.size, len(files), "Looking at images")
    return np.concatenate(rows) if rows else np.empty((0, model.classifier.in_features), np.float32)


def of_pixels(
    model: network.Classifier,
    pixels: NDArray[np.uint8],
    transform: EvalTransform,
    *,
    precision: str = "fp32",
    device: str = "cpu",
) -> NDArray[np.float32]:
    """Features of what the transform made of images: (N, S, S, 3) -> (N, n_features)."""
    x = torch.from_numpy(transform.batch(pixels)).to(device).contiguous(memory_format=torch.channels_last)
    kind, half = torch.device(device).type, precision == "bf16"
    with torch.inference_mode(), torch.autocast(kind, dtype=torch.bfloat16, enabled=half):
        return model.features(x).float().cpu().numpy()  # (N, F)


def frozen(
    backbone: str, weights: weights_module.Weights, image_size: int, *, seed: int = 0, n_classes: int = 1
) -> network.Classifier:
    """A classifier with its pretrained backbone, nothing to be trained, in evaluation mode.

    `seed` draws what the weights do not fill: the head and, with weights "none", everything. The
    generators of the process are left as they were.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = network.Classifier(backbone, n_classes, image_size)
    weights_module.load_backbone(model, weights)
    return model.requires_grad_(False).eval()


def _key(
    backbone: str, weights: weights_module.Weights, transform: EvalTransform, seed: int, precision: str
) -> dict[str, object]:
    return {
        "backbone": backbone,
        "weights": weights.sha256 or f"none, seed {seed}",
        "transform": transform.to_dict(),
        "precision": precision,
    }


def _from(first: int, total: int, report: progress_module.Progress) -> progress_module.Progress:
    """Tells of a part that begins at `first` as of the whole."""
    return lambda done, _, message: report(first + done, total, message)


def _check_precision(precision: str) -> None:
    if precision not in PRECISIONS:
        raise ConfigError(
            f"There is no precision {precision!r} for features: choose {' or '.join(PRECISIONS)}."
        )
