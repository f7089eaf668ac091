"""Models that stay loaded: a few of them, and never one whose run has changed since."""

import collections
import threading
from pathlib import Path

from core import runs
from core.inference import predictor, unknown
from core.metrics import decisions

MOST = 3
_FILES = ("model.safetensors", "model.json", "predictions.parquet", decisions.FILE, unknown.FILE)

_Stamp = tuple[tuple[int, int] | None, ...]
_kept: collections.OrderedDict[Path, tuple[_Stamp, predictor.Predictor]] = collections.OrderedDict()
_lock = threading.Lock()


def get(run_id: str) -> predictor.Predictor:
    """The run's predictor, loaded now or before; safe to call from many threads.

    Raises:
        NotFoundError, InferenceError: as `predictor.load`.
    """
    run = runs.load(run_id)
    with _lock:  # loading is worth waiting for: two threads would both pay for it, twice the memory
        stamp = _stamp(run.folder)
        known = _kept.pop(run.folder, None)
        found = known[1] if known is not None and known[0] == stamp else predictor.load(run_id)
        _kept[run.folder] = (stamp, found)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
        return found


def forget() -> None:
    """Give back the memory of all models."""
    with _lock:
        _kept.clear()


def _stamp(folder: Path) -> _Stamp:
    """What changes when a file of the run does."""
    found: list[tuple[int, int] | None] = []
    for name in _FILES:
        path = folder / name
        stat = path.stat() if path.exists() else None
        found.append((stat.st_size, stat.st_mtime_ns) if stat else None)
    return tuple(found)
