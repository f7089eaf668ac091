"""Writing a bundle: the model, all it needs to answer, its card, and the proof of parity."""

import hashlib
import importlib.util
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import progress as progress_module
from core import runs, workspace
from core.errors import ExportError
from core.inference import predictor, unknown
from core.inference.export import card, networks, parity

FORMATS = ("onnx", "torch")
_WRITERS = {"onnx": (networks.to_onnx, ".onnx"), "torch": (networks.to_program, ".pt2")}
_PACKAGES = {"onnx": "onnxruntime", "torch": "torch"}
# What predict.py needs of Fieldguide, copied as it is: none of it imports more than numpy and Pillow.
_CODE = (
    "core/__init__.py",
    "core/errors.py",
    "core/memory.py",
    "core/paths.py",
    "core/data/__init__.py",
    "core/data/gate.py",
    "core/data/images.py",
    "core/data/rgb.py",
    "core/data/scan.py",
    "core/data/unreadable.py",
    "core/inference/__init__.py",
    "core/inference/distance.py",
    "core/inference/files.py",
    "core/model/__init__.py",
    "core/model/transform.py",
)


def export(
    run_id: str,
    out: Path,
    *,
    formats: Sequence[str] = ("onnx",),
    progress: progress_module.Progress | None = None,
) -> dict[str, Any]:
    """Write the bundle of a run into the new folder `out`, whole or not at all, in some of `FORMATS`.

    Returns {"files": [names], "parity": as `parity.measure`}.

    Raises:
        ExportError: `out` is not empty, onnx is not installed, the network cannot be written in a format,
            or the bundle answers differently.
        NotFoundError, InferenceError: as `predictor.load`.
    """
    report = progress or progress_module.silent
    _check(out, formats)
    run = runs.load(run_id)
    predictor.read_model(run)  # what is damaged or missing is said at once
    unknown.ensure(run, progress=progress)
    model = predictor.load(run_id)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise ExportError(f"{out} cannot be written: {error.strerror}.") from error
    try:
        report(0, 3, "Writing the model")
        _fill(run, model, place, formats)
        report(1, 3, "Checking it on the validation images")
        found = parity.measure(run, model, place, formats)
        _write(place / "parity.json", found)
        report(2, 3, "Writing the model card")
        (place / "README.md").write_text(card.text(run, model, found), encoding="utf-8")
        for junk in place.rglob("__pycache__"):
            shutil.rmtree(junk)
        if out.exists():
            out.rmdir()
        place.chmod(0o755)
        place.replace(out)
        report(3, 3, "Exported")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    return {"files": files, "parity": found}


def _check(out: Path, formats: Sequence[str]) -> None:
    needed = ("onnx", "onnxruntime") if "onnx" in formats else ()
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise ExportError(
            f"To export as ONNX, {' and '.join(missing)} must be installed: pip install onnx onnxruntime"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ExportError(f"{out} exists already and is not empty. Name a new folder.")


def _fill(run: runs.Run, model: predictor.Predictor, place: Path, formats: Sequence[str]) -> None:
    for name in formats:
        _write_networks(run, model, place, name)
    if model.known is not None:
        _write_known(model.known, place / "unknown.npz")
    shutil.copyfile(run.folder / "model.safetensors", place / "model.safetensors")
    _write(place / "labels.json", model.classes)
    _write(
        place / "preprocessing.json",
        {"backbone": model.card["backbone"], "transform": model.transform.to_dict()},
    )
    _write(place / "decision.json", model.decision.to_dict())
    _write(place / "split.json", split_record(run.manifest()))
    packages = [*(_PACKAGES[name] for name in formats), "numpy", "pillow"]
    (place / "requirements.txt").write_text("".join(f"{_requirement(name)}\n" for name in packages))
    standalone = Path(__file__).with_name("standalone.py")
    shutil.copyfile(standalone, place / "predict.py")
    for name in _CODE:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(workspace.CHECKOUT / name, place / name)


def _write_networks(run: runs.Run, model: predictor.Predictor, place: Path, name: str) -> None:
    """The network in one format; with it, or beside it, the backbone that tells the unknown."""
    write, ending = _WRITERS[name]
    known = model.known
    shared = known is not None and known.shared
    write(predictor.read_model(run)[1], place / f"model{ending}", ("logits", "features")[: 1 + shared])
    if known is not None and not shared:
        write(known.model, place / f"backbone{ending}", ("features",))


def _write_known(known: unknown.Known, target: Path) -> None:
    """The known images' features and where the line is drawn, as `unknown` keeps them."""
    reference = known.reference
    values = {name: getattr(reference, name) for name in ("features", "means", "precision")}
    half = {name: value.astype(np.float32) for name, value in values.items()}
    np.savez(target, centre=reference.centre, spread=reference.spread, cutoff=np.array(known.cutoff), **half)


def _requirement(name: str) -> str:
    """A package with the lower bound that Fieldguide itself asks for."""
    texts = [(workspace.CHECKOUT / f"requirements{kind}.txt").read_text() for kind in ("", "-export")]
    return next(line for line in "\n".join(texts).splitlines() if line.split(">=")[0] == name)


def split_record(manifest: pd.DataFrame) -> dict[str, Any]:
    """For each subset its size, and one hash of the contents of its images in any order."""
    found = {}
    for subset, part in manifest.groupby("subset"):
        digest = hashlib.sha256("\n".join(sorted(part["sha256"])).encode()).hexdigest()
        found[str(subset)] = {"n_images": len(part), "sha256": digest}
    return found


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
