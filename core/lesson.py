"""The lesson's numbers, taken from a person's own images and run: no model is loaded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import runs, workspace
from core.inference import steps
from core.model import catalog
from core.model.transform import EvalTransform

USUAL_SIZE = 224  # the lesson's image size, used before there is a run that says otherwise


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """One image as the network takes it.

    pixels:  (S, S, 3) bytes, before normalisation.
    shape:   of the tensor, (3, S, S): channels, height, width.
    corner:  (n, n, 3) bytes, the liveliest block of the pixels; `row` and `column` say where it starts.
    lowest, highest: of the tensor, after normalisation.
    """

    pixels: NDArray[np.uint8]
    shape: tuple[int, int, int]
    corner: NDArray[np.uint8]
    row: int
    column: int
    lowest: float
    highest: float


@dataclass(frozen=True, kw_only=True)
class Example:
    """One stored answer. `logits` and `probabilities` (softmax, uncalibrated) are by class index."""

    path: str
    true: str
    label: str
    logits: tuple[float, ...]
    probabilities: dict[str, float]


def transform(run: runs.Run | None) -> EvalTransform:
    """The run's own way from a picture to pixels; the usual one where there is no finished run."""
    if run is None or not (run.folder / "model.json").exists():
        return EvalTransform.for_size(USUAL_SIZE)
    return EvalTransform.from_dict(workspace.read_json(run.folder / "model.json")["transform"])


def numbers(source: Path | bytes, transform: EvalTransform, *, side: int = 8) -> Numbers:
    """Read an image as the network would, with its liveliest block of `side` x `side` pixels.

    Raises:
        ImageError: it cannot be taken as an image.
    """
    pixels = transform.read(source)  # (S, S, 3)
    tensor = transform.batch(pixels[None])[0]  # (3, S, S)
    side = min(side, *pixels.shape[:2])
    row, column = _liveliest(pixels, side)
    return Numbers(
        pixels=pixels,
        shape=(tensor.shape[0], tensor.shape[1], tensor.shape[2]),
        corner=pixels[row : row + side, column : column + side],
        row=row,
        column=column,
        lowest=float(tensor.min()),
        highest=float(tensor.max()),
    )


def _liveliest(pixels: NDArray[np.uint8], side: int) -> tuple[int, int]:
    """Row and column of the block, on a grid, whose brightness varies most; flat blocks teach nothing."""
    high, wide = (length // side for length in pixels.shape[:2])
    grey = pixels[: high * side, : wide * side].mean(axis=2)
    spread = grey.reshape(high, side, wide, side).std(axis=(1, 3))  # (high, wide)
    row, column = np.unravel_index(int(spread.argmax()), spread.shape)
    return int(row) * side, int(column) * side


def examples(predictions: runs.Predictions) -> dict[str, Example]:
    """Up to three telling answers: "sure" and "close" are the surest and least sure right ones, "mistake"
    the surest wrong one.
    """
    softmaxed = [steps.softmax(row) for row in predictions.logits.tolist()]
    top = np.array([max(found.probabilities) for found in softmaxed])
    right = predictions.logits.argmax(axis=1) == predictions.true
    found = {}
    for kind, among, order in (("sure", right, -top), ("close", right, top), ("mistake", ~right, -top)):
        if among.any():
            place = int(np.where(among, order, np.inf).argmin())
            found[kind] = _example(predictions, place, softmaxed[place].probabilities)
    return found


def _example(predictions: runs.Predictions, place: int, probabilities: tuple[float, ...]) -> Example:
    classes = predictions.classes
    return Example(
        path=predictions.paths[place],
        true=classes[int(predictions.true[place])],
        label=classes[int(predictions.logits[place].argmax())],
        logits=tuple(predictions.logits[place].tolist()),
        probabilities=dict(zip(classes, probabilities, strict=True)),
    )


def head(config: dict[str, Any], n_classes: int) -> tuple[int, int] | None:
    """Return the backbone's features and the numbers in `Linear(n_features, n_classes)`, biases included.

    None for a backbone whose size the catalogue does not know without building it.
    """
    info = catalog.BACKBONES.get(config["backbone"])
    return (info.n_features, info.n_features * n_classes + n_classes) if info else None


def file(run: runs.Run, path: str) -> Path:
    """Where an image of the run's manifest lies."""
    manifest = run.manifest()
    return Path(manifest.loc[manifest["path"] == path, "file"].iloc[0])
