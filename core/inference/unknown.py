"""Saying "I don't know": whether an image is unlike anything that the run was trained on.

Distances are taken in the features of the backbone as it was before finetuning, which still tell apart
what the training images never needed told apart. The cut-off turns away the share of known images that
the person chose, by their own distances out of fold.
"""

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from core import progress as progress_module
from core import runs, workspace
from core.errors import ImageError, InferenceError, WeightsError
from core.features import extract
from core.inference import distance
from core.inference import share as share_module
from core.metrics import intervals
from core.model import fused, network, weights_files
from core.model import weights as weights_module
from core.model.transform import EvalTransform

MOST_IMAGES = 2000
FILE = "known.npz"
_FEATURES = "features.npy"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a run knows of its training and validation images.

    `measured` (n_images,) are their own distances, out of fold; `paths` (in the manifest) and `labels`
    belong to the rows of `reference.features`. `share` is the share of them that is turned away. `shared`:
    finetuning left the backbone as it was, so that its features serve answer and distance alike; `model`
    is the answering network itself then.
    """

    model: network.Classifier
    transform: EvalTransform
    reference: distance.Reference
    measured: NDArray[np.float64]
    paths: list[str]
    labels: list[str]
    share: float = share_module.DEFAULT
    shared: bool = False

    @property
    def cutoff(self) -> float:
        """The distance above which an image is unknown."""
        return float(np.quantile(self.measured, 1 - self.share))

    def turning_away(self, share: float) -> "Known":
        """The same, with another share of known images turned away, in (0, 0.5].

        Raises:
            ConfigError: the share is out of range.
        """
        return replace(self, share=share_module.check(share))

    def see(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features of what the transform made of images: (N, S, S, 3) -> (N, n_features)."""
        return extract.of_pixels(self.model, pixels, self.transform)


def fit(run: runs.Run, *, progress: progress_module.Progress | None = None) -> None:
    """Learn what a run with a model knows, and keep it with the run: `known.npz` and `features.npy`.

    At most 2,000 images of the training and validation subsets are looked at, evenly spread.

    Raises:
        InferenceError: there are too few images.
        ImageError: an image cannot be read any more.
        WeightsError: the weights that the run started from are gone.
    """
    table = _sample(run.manifest())
    if len(table) < 2 * distance.FOLDS:
        raise InferenceError(
            f"{len(table)} images are too few to tell the unknown from the known: {2 * distance.FOLDS} are "
            "needed."
        )
    seen = _see(run, table, progress)
    groups = intervals.group_codes(table["group"].tolist()) if "group" in table else None
    reference, measured = distance.fit(seen, table["class_index"].to_numpy(np.int64), groups)
    _save(run, reference, measured, table)


def ensure(run: runs.Run, *, progress: progress_module.Progress | None = None) -> bool:
    """`fit` where it has not been done; False where it cannot be: too few images, or something is gone."""
    try:
        if not (run.folder / FILE).exists():
            fit(run, progress=progress)
    except (InferenceError, ImageError, WeightsError):
        return False
    return True


def load(
    run: runs.Run, model: network.Classifier | None = None, fast: network.Classifier | None = None
) -> Known | None:
    """What `fit` kept, or None where it was not called, is damaged, or the starting weights are gone.

    `model` is the run's own network, to find out whether its backbone is still the one it started from;
    if so, `fast`, its quicker copy, sees for both.
    """
    if not (run.folder / FILE).exists():
        return None
    try:
        card = workspace.read_json(run.folder / "model.json")
        transform = EvalTransform.from_dict(card["transform"])
        start = extract.frozen(card["backbone"], starting_weights(run), transform.image_size)
        kept = _read(run)
    except (WeightsError, OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    shared = model is not None and _same(start.backbone, model.backbone)
    return Known(
        model=fast if shared and fast is not None else fused.fuse(start),
        shared=shared,
        transform=transform,
        share=share_module.load(run),
        **kept,
    )


def _read(run: runs.Run) -> dict[str, Any]:
    """`reference`, `measured`, `paths` and `labels` as they lie in the run's folder."""
    features = np.load(run.folder / _FEATURES, allow_pickle=False).astype(np.float64)
    with np.load(run.folder / FILE, allow_pickle=False) as kept:
        numbers = {name: kept[name].astype(np.float64) for name in ("means", "precision", "centre", "spread")}
        return {
            "reference": distance.Reference(features=features, **numbers),
            "measured": kept["measured"],
            "paths": [str(value) for value in kept["paths"]],
            "labels": [str(value) for value in kept["labels"]],
        }


def starting_weights(run: runs.Run) -> weights_files.Weights:
    """The pretrained weights that a run started from; its own where it started from random ones.

    Raises:
        WeightsError: they are not on this machine any more, or have changed.
    """
    record: dict[str, Any] = workspace.read_json(run.folder / "model.json")["weights"]
    if record["kind"] not in ("imagenet", "starter", "file"):
        path = run.folder / "model.safetensors"
        return weights_files.Weights(
            kind="file", origin=f"run {run.id}", file=path, sha256=weights_files.sha256(path)
        )
    config = run.config()
    spec = config["weights"] if record["kind"] == "file" else record["kind"]
    if config.get("start_from"):
        spec = str(workspace.run_folder(config["start_from"]) / "model.safetensors")
    found = weights_module.resolve(spec, config["backbone"])
    if found.sha256 != record["sha256"]:
        raise WeightsError(f"{record['file']} is not the file any more that run {run.id} started from.")
    return found


def _see(
    run: runs.Run, table: pd.DataFrame, progress: progress_module.Progress | None
) -> NDArray[np.float32]:
    """Features (n_images, n_features); those of training images in the run's precision, as in its cache."""
    card = workspace.read_json(run.folder / "model.json")
    weights, transform = starting_weights(run), EvalTransform.from_dict(card["transform"])
    half = (table["subset"] == "train").to_numpy() & (run.config().get("precision") == "bf16")
    found: NDArray[np.float32] | None = None
    for precision, chosen in (("bf16", half), ("fp32", ~half)):
        if chosen.any():
            part = table[chosen]
            rows = extract.features(
                [Path(file) for file in part["file"]],
                card["backbone"],
                weights,
                transform,
                hashes=list(part["sha256"]),
                precision=precision,
                progress=progress,
            )
            found = np.empty((len(table), rows.shape[1]), np.float32) if found is None else found
            found[chosen] = rows
    return found if found is not None else np.empty((0, 0), np.float32)


def _same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    theirs = other.state_dict()
    return all(
        torch.equal(value, theirs[key]) for key, value in one.state_dict().items() if "num_batches" not in key
    )


def _save(
    run: runs.Run, reference: distance.Reference, measured: NDArray[np.float64], table: pd.DataFrame
) -> None:
    values = {
        "means": reference.means.astype(np.float32),
        "precision": reference.precision.astype(np.float32),
        "centre": reference.centre,
        "spread": reference.spread,
        "measured": measured,
        "paths": table["path"].to_numpy(str),
        "labels": table["label"].to_numpy(str),
    }
    with workspace.replacing(run.folder / _FEATURES) as temporary, open(temporary, "wb") as file:
        np.save(file, reference.features.astype(np.float32))
    with workspace.replacing(run.folder / FILE) as temporary, open(temporary, "wb") as file:
        np.savez(file, **values)  # type: ignore[arg-type]  # numpy's stub takes no mapping of arrays


def _sample(manifest: pd.DataFrame) -> pd.DataFrame:
    """The images that are learnt from: training and validation, at most `MOST_IMAGES`, evenly spread."""
    table = manifest[manifest["subset"].isin(["train", "validation"])].sort_values("path")
    step = max(1, -(-len(table) // MOST_IMAGES))
    return table.iloc[::step]
