"""Which pretrained weights lie on this disk, and what they are: everything that needs no torch."""

import functools
import hashlib
import json
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import paths, workspace
from core.errors import WeightsError
from core.model import catalog
from core.model.transform import MEAN, STD

KINDS = ("auto", "imagenet", "starter", "none")
SUFFIXES = (".pth", ".pt", ".safetensors")
STARTER_BACKBONE = "resnet18"
_ASSETS = workspace.CHECKOUT / "assets" / "weights"
STARTER = _ASSETS / "starter_resnet18.safetensors"
STARTER_CARD = _ASSETS / "starter_resnet18.json"


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What a network starts from.

    `kind` is imagenet, starter, file or none; `origin` says the same in a sentence. `image_size` is the
    side in pixels that suits these weights; `mean` and `std` are per channel, of pixels in [0, 1].
    `defaults` holds what else suits them: learning_rate (the head's) and backbone_learning_rate.
    """

    kind: str
    origin: str
    file: Path | None = None
    sha256: str = ""
    image_size: int = 224
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = STD
    defaults: dict[str, float] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """As JSON, for the run's record; the file by its name only."""
        return {
            "kind": self.kind,
            "origin": self.origin,
            "file": self.file.name if self.file else None,
            "sha256": self.sha256,
            "image_size": self.image_size,
            "mean": list(self.mean),
            "std": list(self.std),
            "defaults": dict(self.defaults),
        }


PRETRAINED_RATES = {"learning_rate": 5e-3, "backbone_learning_rate": 3e-5}
RANDOM_RATES = {"learning_rate": 1e-3, "backbone_learning_rate": 1e-3}


def check(spec: str, backbone: str, *, download: bool = False) -> None:
    """Refuse weights that cannot be had on this machine, without reading them.

    Raises:
        WeightsError: they are missing, damaged or of another backbone; the sentence says what can be had.
    """
    if spec == "imagenet" and not download:
        imagenet_at_hand(backbone)
    elif spec == "starter":
        starter_for(backbone)
    elif spec not in KINDS:
        from_file(spec)


def files() -> list[Path]:
    """The weight files that an administrator put into the workspace, by name."""
    folder = workspace.weights_folder()
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def imagenet_path(backbone: str) -> Path:
    """Where torchvision keeps the ImageNet weights of `backbone`, whether or not they are there."""
    home = os.environ.get("TORCH_HOME")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(home).expanduser() if home else cache / "torch"
    return folder / "hub" / "checkpoints" / catalog.imagenet_file(backbone)


def imagenet(backbone: str) -> Weights | None:
    """torchvision's ImageNet weights if they lie in its cache and their hash is right, else None."""
    path = imagenet_path(backbone)
    if not path.is_file():
        return None
    digest = sha256(path)
    if not digest.startswith(path.stem.rpartition("-")[2]):
        return None
    mean, std = catalog.NORMALISED.get(backbone, (MEAN, STD))
    return Weights(
        kind="imagenet",
        origin=f"torchvision's ImageNet weights for {backbone} ({path.name})",
        file=path,
        sha256=digest,
        mean=mean,
        std=std,
        defaults=PRETRAINED_RATES,
    )


def imagenet_at_hand(backbone: str) -> Weights:
    """torchvision's ImageNet weights from its cache.

    Raises:
        WeightsError: they are not there, or their file is damaged.
    """
    found = imagenet(backbone)
    if found is None:
        path = imagenet_path(backbone)
        what = (
            f"{path.name} in {path.parent} is damaged: its checksum is wrong"
            if path.exists()
            else f"ImageNet weights for {backbone} are not on this disk"
        )
        raise WeightsError(
            f"{what}. Allow their download, put {path.name} into the folder hub/checkpoints of TORCH_HOME, "
            "or choose other weights."
        )
    return found


def starter_for(backbone: str) -> Weights:
    """The starter weights, if they are for `backbone`.

    Raises:
        WeightsError: they are not, or their file is missing or damaged.
    """
    if backbone != STARTER_BACKBONE:
        raise WeightsError(
            f"Starter weights exist for {STARTER_BACKBONE} only, not for {backbone}. "
            "Choose that backbone, or other weights."
        )
    return starter()


def starter() -> Weights:
    """Fieldguide's own ResNet-18, its checksum verified.

    Raises:
        WeightsError: its file is missing or damaged.
    """
    card = starter_card()
    if not STARTER.is_file() or sha256(STARTER) != card["sha256"]:
        raise WeightsError(
            f"The starter weights ({STARTER.name} in assets/weights) are missing or damaged: the file does "
            "not have the checksum that it was shipped with. Restore it from the repository, or choose "
            "other weights."
        )
    return Weights(
        kind="starter",
        origin="Fieldguide's starter weights for resnet18, " + str(card["made"]["summary"]),
        file=STARTER,
        sha256=card["sha256"],
        image_size=card["transform"]["image_size"],
        mean=_three(card["transform"]["mean"]),
        std=_three(card["transform"]["std"]),
        defaults=dict(card["defaults"]),
    )


def starter_card() -> dict[str, Any]:
    """The metadata of the starter weights: how made, from what, transform, checksum, transfer.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    try:
        card: dict[str, Any] = json.loads(STARTER_CARD.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"{STARTER_CARD.name} in assets/weights cannot be read ({error}). Restore it from the "
            "repository, or choose other weights."
        ) from error
    return card


def from_file(spec: str) -> Weights:
    """A file that `spec` names: a path, or a name in the workspace's weights folder.

    A safetensors file may say in its metadata what suits it: image_size, mean, std, learning_rate and
    backbone_learning_rate.

    Raises:
        WeightsError: there is no such file, or it is of no kind that is read.
    """
    path = _find(spec)
    said = _safetensors_metadata(path)
    numbers = {key: [float(part) for part in said[key].split(",")] for key in ("mean", "std") if key in said}
    return Weights(
        kind="file",
        origin=f"the file {path.name}",
        file=path,
        sha256=sha256(path),
        image_size=int(said.get("image_size", 224)),
        mean=_three(numbers.get("mean", MEAN)),
        std=_three(numbers.get("std", STD)),
        defaults=PRETRAINED_RATES | {key: float(said[key]) for key in PRETRAINED_RATES if key in said},
    )


def none() -> Weights:
    """No weights: the network starts from random numbers."""
    return Weights(
        kind="none",
        origin="none: random numbers, drawn from the run's seed",
        image_size=128,
        defaults=RANDOM_RATES,
    )


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex; counted again only when the file changes."""
    stat = path.stat()
    return _sha256(path, stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _sha256(path: Path, size: int, mtime_ns: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _find(spec: str) -> Path:
    for path in (paths.expanded(spec), workspace.weights_folder() / Path(spec).name):
        if paths.is_file(path):
            if path.suffix.lower() not in SUFFIXES:
                raise WeightsError(f"{path.name} is no weight file: {', '.join(SUFFIXES)} are read.")
            return path.resolve()
    raise WeightsError(
        f"There are no weights {spec!r}: choose {', '.join(KINDS)}, or name a {' or '.join(SUFFIXES)} file "
        "(by its path, or by its name in the workspace's weights folder)."
    )


def _safetensors_metadata(path: Path) -> dict[str, str]:
    """The free text in a safetensors header: 8 bytes of length, then JSON. Nothing for other files."""
    if path.suffix.lower() != ".safetensors":
        return {}
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, 100_000_000)))
        said = header.get("__metadata__", {})
        return {key: str(value) for key, value in said.items()}
    except (OSError, ValueError, struct.error, AttributeError) as error:
        raise WeightsError(f"{path.name} is damaged: its header cannot be read ({error}).") from error


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
