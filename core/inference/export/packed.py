"""A run's bundle as one zip, for a browser: made once for the weights and the rule that the run has now."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import runs, workspace
from core.errors import ExportError, NotFoundError

_FOLLOWS_FROM = (
    "model.safetensors",
    "model.json",
    "decision.json",
    "predictions.parquet",
    "known.npz",
    "unknown.json",
)


@dataclass(frozen=True, kw_only=True)
class Packed:
    """A finished zip and what its bundle said of itself: "files" and "parity"."""

    file: Path
    record: dict[str, Any]


def find(run: runs.Run) -> Packed | None:
    """The zip that was made for the run as it is now, or None."""
    file = _place(run)
    try:
        record = workspace.read_json(file.with_suffix(".json"))
    except NotFoundError:
        return None
    return Packed(file=file, record=record) if file.exists() else None


def make(run: runs.Run) -> Packed:
    """Export the run and zip the bundle into the cache.

    The export runs in a process of its own: what it takes in memory is given back when it is done.

    Raises:
        ExportError: the bundle could not be made; the sentence says why.
    """
    file = _place(run)
    folder = Path(tempfile.mkdtemp(prefix=".export-", dir=file.parent))
    try:
        record = _export(run, folder / file.stem)
        with workspace.replacing(file) as temporary:
            _zip(folder / file.stem, temporary)
        workspace.write_json(file.with_suffix(".json"), record)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Packed(file=file, record=record)


def _export(run: runs.Run, out: Path) -> dict[str, Any]:
    """`export RUN --out OUT`, as on the command line."""
    done = subprocess.run(
        [sys.executable, "-m", "core", "export", run.id, "--out", str(out), "--json"],
        cwd=workspace.CHECKOUT,
        env=os.environ | {workspace.VARIABLE: str(workspace.home())},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it ended without a word"]
        raise ExportError(f"Run {run.id} could not be exported: {said[-1][:500]}")
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def _zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, Path(folder.name, path.relative_to(folder)))


def _place(run: runs.Run) -> Path:
    """Where the zip of the run lies in the cache; other weights or another rule have another place."""
    stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in _files(run)]
    key = hashlib.sha256(repr(stats).encode()).hexdigest()[:8]
    return workspace.cache_folder("exports") / f"fieldguide-{run.id}-{key}.zip"


def _files(run: runs.Run) -> list[Path]:
    return [run.folder / name for name in _FOLLOWS_FROM if (run.folder / name).exists()]
