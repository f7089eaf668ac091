"""Models that stay loaded: as many as there is room for, and never one whose run has changed since."""

import collections
import os
import threading
from pathlib import Path

from core import memory, runs
from core.errors import ConfigError
from core.inference import predictor, share, unknown
from core.metrics import decisions

LIMIT_VARIABLE = "FIELDGUIDE_MODELS_GB"
DEFAULT_LIMIT_GB = 1.0
_FILES = (
    "model.safetensors", "model.json", "predictions.parquet", decisions.FILE, unknown.FILE, share.FILE,
)  # fmt: skip

_Stamp = tuple[tuple[int, int] | None, ...]
_kept: collections.OrderedDict[Path, tuple[_Stamp, predictor.Predictor]] = collections.OrderedDict()
_lock = threading.Lock()


def get(run_id: str, *, seconds: float = -1) -> predictor.Predictor:
    """The run's predictor, loaded now or before; safe to call from many threads.

    Waits at most `seconds` (below 0: for ever) for other models that are being loaded.

    Raises:
        NotFoundError, InferenceError: as `predictor.load`.
        TimeoutError: another model was being loaded all that time.
    """
    run = runs.load(run_id)
    # Loading is worth waiting for: two threads would both pay for it, with twice the memory.
    if not _lock.acquire(timeout=seconds):
        raise TimeoutError
    try:
        stamp = _stamp(run.folder)
        known = _kept.pop(run.folder, None)
        if known is None or known[0] != stamp:
            known = stamp, _load(run_id)
        _kept[run.folder] = known
        return known[1]
    finally:
        _lock.release()


def forget() -> None:
    """Give back the memory of all models."""
    with _lock:
        _kept.clear()
    memory.give_back()


def limit_bytes() -> int:
    """How much memory models may hold together; the one asked for last stays in any case.

    Raises:
        ConfigError: the setting is no number.
    """
    given = os.environ.get(LIMIT_VARIABLE) or str(DEFAULT_LIMIT_GB)
    try:
        return int(float(given) * 2**30)
    except ValueError:
        raise ConfigError(f"{LIMIT_VARIABLE} is {given!r}; a number of gigabytes is accepted.") from None


def _load(run_id: str) -> predictor.Predictor:
    """Load a model, and let go of those that were asked for longest ago until all fit."""
    limit = limit_bytes()
    found = predictor.load(run_id)
    room = limit - found.n_bytes
    while _kept and sum(model.n_bytes for _, model in _kept.values()) > room:
        _kept.popitem(last=False)
    memory.give_back()  # what reading and folding the weights took besides
    return found


def _stamp(folder: Path) -> _Stamp:
    """What changes when a file of the run does."""
    found: list[tuple[int, int] | None] = []
    for name in _FILES:
        path = folder / name
        stat = path.stat() if path.exists() else None
        found.append((stat.st_size, stat.st_mtime_ns) if stat else None)
    return tuple(found)
