"""The temperature of a run's probabilities: fitted once, on its validation images only, and kept with it."""

import contextlib
from typing import Any

from core import runs, workspace
from core.errors import TrainingError, WorkspaceError
from core.metrics import calibration

FILE = "temperature.json"


def fitted(run: runs.Run) -> float:
    """What the run's logits are divided by before the softmax; 1 where it has too few validation images.

    The fit is deterministic: whoever asks first keeps it, and every answer of the run uses the same.
    """
    try:
        stat = (run.folder / "predictions.parquet").stat()
    except FileNotFoundError:
        return 1.0  # not finished
    written = [stat.st_size, stat.st_mtime_ns]
    kept = _kept(run)
    if kept.get("key") == written:
        return float(kept["temperature"])
    try:
        validation = run.predictions("validation")
    except TrainingError:
        return 1.0  # its split left that subset empty
    found = calibration.fit_temperature(validation.true, validation.logits)
    with contextlib.suppress(WorkspaceError):  # a workspace that may only be read: fitted again next time
        workspace.write_json(run.folder / FILE, {"key": written, "temperature": found})
    return found


def _kept(run: runs.Run) -> dict[str, Any]:
    try:
        kept = workspace.read_json(run.folder / FILE)
    except WorkspaceError:
        return {}  # absent or damaged: it is fitted again
    return kept if isinstance(kept, dict) and "temperature" in kept else {}
