"""Where and how to compute: device, threads, and the precision that a short measurement finds faster."""

import contextlib
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from core import workspace
from core.errors import ConfigError, NotFoundError

WORTHWHILE = 1.15
"""bf16 must be faster by this factor: less is noise."""


def pick(choice: str) -> torch.device:
    """The device that `choice` names; `auto` is the GPU if there is one.

    Raises:
        ConfigError: this machine has no such device.
    """
    if choice == "auto":
        choice = "cuda" if torch.cuda.is_available() else "cpu"
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and choice.startswith("cuda:"):
        raise ConfigError(f"Several processes cannot share {choice}. Choose the device auto or cuda.")
    if choice == "cuda" and "LOCAL_RANK" in os.environ:
        choice = f"cuda:{os.environ['LOCAL_RANK']}"  # torchrun: a GPU for each process
    device = torch.device(choice)
    missing = device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count()
    if missing or (device.type == "mps" and not torch.backends.mps.is_available()):
        raise ConfigError(f"This machine has no device {choice!r}. Choose auto or cpu.")
    # A GPU by its number: `torch.cuda.set_device` takes no other.
    return torch.device("cuda", 0) if device.type == "cuda" and device.index is None else device


def threads(choice: int | None) -> int:
    """How many threads to compute with: as chosen, else `OMP_NUM_THREADS`, else the processors this
    process may use.
    """
    if choice is not None:
        return choice
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    with contextlib.suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def exact_fp32() -> None:
    """From now on fp32 is fp32 on GPUs too: what is kept as an answer is computed so."""
    _tf32(False)


@contextlib.contextmanager
def tf32() -> Iterator[None]:
    """A block in which GPUs may round the factors of fp32 to ten bits, which is several times faster.
    For training; means nothing elsewhere.
    """
    _tf32(True)
    try:
        yield
    finally:
        _tf32(False)


def _tf32(allowed: bool) -> None:
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed  # convolutions ask this one


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """A block of small sums, which a second thread makes ten times slower."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def autocast(device: torch.device, precision: str) -> contextlib.AbstractContextManager[object]:
    """The block in which the model computes: plain for fp32, else mixed."""
    if precision == "fp32":
        return contextlib.nullcontext()
    kind = torch.bfloat16 if precision == "bf16" else torch.float16
    return torch.autocast(device.type, dtype=kind)


def processor() -> str:
    """What this machine's processor calls itself."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def precision(choice: str, model: nn.Module, image_size: int, device: torch.device) -> str:
    """fp32, bf16 or fp16: as chosen, or what is faster here by more than noise.

    The measurement is kept in `cache/device/precision.json`, so that the same machine always answers alike.
    """
    if choice != "auto":
        return choice
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    if device.type != "cpu" or not _has_bf16():
        return "fp32"
    path = workspace.cache_folder("device") / "precision.json"
    name = type(model).__name__ + ":" + getattr(model, "backbone_name", "")
    size = "large" if image_size >= 112 else "small"
    key = f"{processor()} | {torch.__version__} | {torch.get_num_threads()} threads | {name} | {size}"
    try:
        known: dict[str, str] = workspace.read_json(path)
    except NotFoundError:
        known = {}
    if key not in known:
        known[key] = "bf16" if _gain(model, 128 if size == "large" else 64, device) >= WORTHWHILE else "fp32"
        workspace.write_json(path, known)
    return known[key]


def _has_bf16() -> bool:
    """Whether the processor multiplies bf16 itself, rather than by way of fp32."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.machine() == "arm64"
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16", " bf16"))


def _gain(model: nn.Module, side: int, device: torch.device) -> float:
    """How many times faster a training step is in bf16 than in fp32.

    The quickest of alternating steps is what the processor can do; slower ones say what else was running.
    """
    images = torch.rand(8, 3, side, side, device=device).to(memory_format=torch.channels_last)
    was_training = model.training
    model.eval()  # a measurement leaves no trace in BatchNorm's statistics
    took: dict[str, list[float]] = {"fp32": [], "bf16": []}
    for round_ in range(6):
        for kind in took:
            seconds = _step_seconds(model, images, device, kind)
            if round_:  # the first of each warms up
                took[kind].append(seconds)
    model.zero_grad(set_to_none=True)
    model.train(was_training)
    return min(took["fp32"]) / min(took["bf16"])


def _step_seconds(model: nn.Module, images: Tensor, device: torch.device, kind: str) -> float:
    start = time.perf_counter()
    with autocast(device, kind):
        loss = model(images).float().square().mean()
    loss.backward()
    return time.perf_counter() - start
