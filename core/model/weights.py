"""Pretrained weights: choose them, have them, and put them into a network."""

import dataclasses
import hashlib
import pickle
import queue
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
import torchvision
from torch import Tensor

from core import progress as progress_module
from core import workspace
from core.errors import WeightsError, WorkspaceError
from core.model import catalog, network, weights_files
from core.model.weights_files import Weights

__all__ = ["Weights", "load_backbone", "read", "resolve"]

_CHUNK = 1 << 20
_POSITIONS = "encoder.pos_embedding"


def resolve(
    spec: str,
    backbone: str,
    *,
    download: bool = False,
    timeout: float = 5.0,
    progress: progress_module.Progress | None = None,
) -> Weights:
    """Find the weights that `spec` asks for: auto, imagenet, starter, none, or a file.

    `auto` takes the first that this disk has: ImageNet's, the starter (resnet18 only), none. Nothing is
    downloaded unless `download`; `timeout` is the longest silence of the network, in seconds.

    Raises:
        WeightsError: what was asked for cannot be had; the sentence says what can.
    """
    catalog.check(backbone)
    report = progress or progress_module.silent
    if spec == "auto":
        return _auto(backbone, download=download, timeout=timeout, progress=report)
    if spec == "imagenet":
        return _imagenet(backbone, download=download, timeout=timeout, progress=report)
    if spec == "starter":
        return weights_files.starter_for(backbone)
    return weights_files.none() if spec == "none" else weights_files.from_file(spec)


def load_backbone(model: network.Classifier, weights: Weights) -> None:
    """Put pretrained weights into the backbone of `model`; the file's own head is dropped.

    Raises:
        WeightsError: the file is damaged, or is of another architecture; the sentence lists the keys.
    """
    if weights.file is None:
        return
    if weights.kind == "starter":
        weights_files.starter()  # verifies the checksum
    state = _renamed(_backbone_only(read(weights.file), model.head_name))
    target = model.backbone.state_dict()
    _fit_positions(state, target)
    _check_keys(state, target, weights.file.name, model.backbone_name)
    model.backbone.load_state_dict({key: state.get(key, target[key]) for key in target})


def read(path: Path) -> dict[str, Tensor]:
    """The tensors of a `.safetensors`, `.pth` or `.pt` file, in fp32, never by running its code.

    Raises:
        WeightsError: the file is damaged, holds anything but tensors, or numbers that are not finite.
    """
    state = _unwrap(_read_any(path))
    if not state or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsError(f"{path.name} holds no state_dict: names with a tensor each are expected.")
    tensors = {key: value.float() if value.is_floating_point() else value for key, value in state.items()}
    broken = [key for key, value in tensors.items() if not torch.isfinite(value).all()]
    if broken:
        raise WeightsError(f"{path.name} holds numbers that are not finite, first in {broken[0]!r}.")
    return tensors


def _auto(backbone: str, *, download: bool, timeout: float, progress: progress_module.Progress) -> Weights:
    """The first that can be had; the record says why it is not ImageNet's where something went wrong."""
    try:
        return _imagenet(backbone, download=download, timeout=timeout, progress=progress)
    except WeightsError as error:
        has_starter = backbone == weights_files.STARTER_BACKBONE and weights_files.STARTER.exists()
        found = weights_files.starter() if has_starter else weights_files.none()
        expected = not download and not weights_files.imagenet_path(backbone).exists()
        return found if expected else dataclasses.replace(found, origin=f"{found.origin}. {error}")


def _imagenet(
    backbone: str, *, download: bool, timeout: float, progress: progress_module.Progress
) -> Weights:
    if not download or weights_files.imagenet(backbone) is not None:
        return weights_files.imagenet_at_hand(backbone)
    path = weights_files.imagenet_path(backbone)
    try:
        _download(_url(backbone), path, timeout=timeout, progress=progress)
    except (OSError, WorkspaceError) as error:
        raise WeightsError(
            f"{path.name} could not be kept in {path.parent} ({error}). Set TORCH_HOME to a folder with room "
            "that you may write to, or choose other weights."
        ) from error
    return weights_files.imagenet_at_hand(backbone)


def _url(backbone: str) -> str:
    """Where torchvision keeps the file: its enum knows, and its cache names files alike."""
    url: str = torchvision.models.get_model_weights(backbone).DEFAULT.url
    return url


def _download(url: str, path: Path, *, timeout: float, progress: progress_module.Progress) -> None:
    """Fetch `url` to `path` as torch.hub would, but with a time-out, and never half a file."""
    digest = hashlib.sha256()
    try:
        with _open(url, timeout) as answer, workspace.replacing(path) as temporary:
            total = int(answer.headers.get("Content-Length") or 0)
            with open(temporary, "wb") as file:
                while chunk := answer.read(_CHUNK):
                    file.write(chunk)
                    digest.update(chunk)
                    progress(file.tell(), total, f"Downloading {path.name}")
            if not digest.hexdigest().startswith(path.stem.rpartition("-")[2]):
                raise WeightsError(f"The download of {path.name} arrived damaged. Try again.")
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise WeightsError(
            f"{path.name} could not be downloaded ({getattr(error, 'reason', error)}). Is there a network? "
            "Without one, choose the starter weights, a file, or none."
        ) from error


def _open(url: str, timeout: float) -> Any:
    """`urlopen` that gives up after `timeout` seconds, also where the name server never answers."""
    found: queue.Queue[Any] = queue.Queue()

    def connect() -> None:
        try:
            found.put(urllib.request.urlopen(url, timeout=timeout))
        except Exception as error:  # handed to whoever waits
            found.put(error)

    threading.Thread(target=connect, daemon=True).start()
    try:
        answer = found.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError(f"no answer within {timeout:.0f} seconds") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _read_any(path: Path) -> Any:
    if not path.stat().st_size:
        raise WeightsError(f"{path.name} is empty: copy or download it anew.")
    try:
        if path.suffix.lower() == ".safetensors":
            return safetensors.torch.load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path.name} holds more than tensors, or is damaged, and was not opened: it could run code. "
            "Save its state_dict() and try again."
        ) from error
    except Exception as error:  # a damaged file may raise anything
        raise WeightsError(
            f"{path.name} is damaged, or no file that PyTorch wrote ({type(error).__name__}: "
            f"{_first_line(error)}). Copy or download it anew."
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _unwrap(state: Any) -> dict[str, Any]:
    """The state_dict inside what training scripts save, without the prefixes that wrappers add."""
    for key in ("state_dict", "model_state_dict", "model"):
        if isinstance(state, Mapping) and isinstance(state.get(key), Mapping):
            state = state[key]
    if not isinstance(state, Mapping):
        return {}
    result = {str(key): value for key, value in state.items()}
    for prefix in ("module.", "_orig_mod.", "module."):
        if result and all(key.startswith(prefix) for key in result):
            result = {key.removeprefix(prefix): value for key, value in result.items()}
    return result


def _backbone_only(state: dict[str, Tensor], head_name: str) -> dict[str, Tensor]:
    """Drop the head: torchvision's last Linear, or that of a network of our own shape."""
    if any(key.startswith("backbone.") for key in state):
        return {key.removeprefix("backbone."): state[key] for key in state if key.startswith("backbone.")}
    return {key: value for key, value in state.items() if key.rpartition(".")[0] != head_name}


def _renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's DenseNet files name layers `norm.1` that its networks call `norm1`."""
    return {
        re.sub(r"(denselayer\d+\.(?:norm|relu|conv))\.([12])\.", r"\1\2.", key): state[key] for key in state
    }


def _fit_positions(state: dict[str, Tensor], target: dict[str, Tensor]) -> None:
    """Stretch a transformer's position embeddings to another image size, as torchvision does."""
    ours, theirs = target.get(_POSITIONS), state.get(_POSITIONS)
    if ours is None or theirs is None or theirs.ndim != 3 or ours.shape == theirs.shape:
        return
    token, grid = theirs[:, :1], theirs[:, 1:]  # (1, 1, F), (1, n², F)
    old, new = round((grid.shape[1]) ** 0.5), round((ours.shape[1] - 1) ** 0.5)
    if old * old != grid.shape[1]:
        return
    image = grid.transpose(1, 2).reshape(1, -1, old, old)  # (1, F, n, n)
    image = torch.nn.functional.interpolate(image, size=(new, new), mode="bicubic", align_corners=True)
    state[_POSITIONS] = torch.cat([token, image.flatten(2).transpose(1, 2)], dim=1)


def _check_keys(state: dict[str, Tensor], target: dict[str, Tensor], name: str, backbone: str) -> None:
    optional = {key for key in target if key.endswith("num_batches_tracked")}  # a counter, never used
    problems = {
        "missing": sorted(set(target) - optional - set(state)),
        "unexpected": sorted(set(state) - set(target)),
        "of another shape": sorted(
            f"{key} {tuple(state[key].shape)} instead of {tuple(target[key].shape)}"
            for key in set(state) & set(target)
            if state[key].shape != target[key].shape
        ),
    }
    if any(problems.values()):
        lists = "; ".join(f"{what}: {_some(keys)}" for what, keys in problems.items() if keys)
        raise WeightsError(
            f"{name} does not fit {backbone} ({lists}). Choose the backbone that it was made for."
        )


def _some(keys: list[str], most: int = 12) -> str:
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return ", ".join(keys[:most]) + more
