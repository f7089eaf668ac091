"""Writing a bundle: the model in two formats, all it needs to answer, its card, and the proof of parity."""

import hashlib
import importlib.util
import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from core import progress as progress_module
from core import runs, workspace
from core.errors import ExportError
from core.inference import predictor
from core.inference.export import card, parity
from core.model import network

OPSET = 17
# What predict.py needs of Fieldguide, copied as it is: none of it imports more than numpy and Pillow.
_CODE = (
    "core/__init__.py",
    "core/errors.py",
    "core/data/__init__.py",
    "core/data/gate.py",
    "core/data/images.py",
    "core/data/rgb.py",
    "core/data/unreadable.py",
    "core/model/__init__.py",
    "core/model/transform.py",
)


def export(run_id: str, out: Path, *, progress: progress_module.Progress | None = None) -> dict[str, Any]:
    """Write the bundle of a run into the new folder `out`, whole or not at all.

    Returns {"files": [names], "parity": {"max_difference", "agreement", "n_images", "subset"}}.

    Raises:
        ExportError: `out` is not empty, onnx is not installed, or the bundle answers differently.
        NotFoundError, InferenceError: as `predictor.load`.
    """
    report = progress or progress_module.silent
    _check(out)
    run, model = runs.load(run_id), predictor.load(run_id)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise ExportError(f"{out} cannot be written: {error.strerror}.") from error
    try:
        report(0, 3, "Writing the model")
        _fill(run, model, place)
        report(1, 3, "Checking it on the validation images")
        found = parity.measure(run, model, place)
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


def to_onnx(model: network.Classifier, target: Path) -> None:
    """Write `model` as ONNX: "pixels" (batch, 3, S, S) float32 -> "logits" (batch, n_classes).

    Raises:
        ExportError: the network holds something that ONNX has no word for.
    """
    quick = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # ONNX has no such shortcut through a transformer
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter announces a successor that needs more packages
            _trace(model, target)
    except torch.onnx.OnnxExporterError as error:
        raise ExportError(f"{model.backbone_name} cannot be written as ONNX: {error}") from error
    finally:
        torch.backends.mha.set_fastpath_enabled(quick)


def _trace(model: network.Classifier, target: Path) -> None:
    size = model.image_size
    torch.onnx.export(
        model.eval(),
        (torch.zeros(2, 3, size, size),),
        str(target),
        input_names=["pixels"],
        output_names=["logits"],
        dynamic_axes={"pixels": {0: "batch"}, "logits": {0: "batch"}},
        opset_version=OPSET,
        dynamo=False,
    )


def _check(out: Path) -> None:
    missing = [name for name in ("onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        raise ExportError(
            f"To export, {' and '.join(missing)} must be installed: pip install onnx onnxruntime"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ExportError(f"{out} exists already and is not empty. Name a new folder.")


def _fill(run: runs.Run, model: predictor.Predictor, place: Path) -> None:
    to_onnx(predictor.read_model(run)[1], place / "model.onnx")
    shutil.copyfile(run.folder / "model.safetensors", place / "model.safetensors")
    _write(place / "labels.json", model.classes)
    _write(
        place / "preprocessing.json",
        {"backbone": model.card["backbone"], "transform": model.transform.to_dict()},
    )
    _write(place / "decision.json", model.decision.to_dict())
    _write(place / "split.json", split_record(run.manifest()))
    (place / "requirements.txt").write_text("onnxruntime\nnumpy\npillow\n")
    standalone = Path(__file__).with_name("standalone.py")
    shutil.copyfile(standalone, place / "predict.py")
    for name in _CODE:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(workspace.CHECKOUT / name, place / name)


def split_record(manifest: pd.DataFrame) -> dict[str, Any]:
    """For each subset its size, and one hash of the contents of its images in any order."""
    found = {}
    for subset, part in manifest.groupby("subset"):
        digest = hashlib.sha256("\n".join(sorted(part["sha256"])).encode()).hexdigest()
        found[str(subset)] = {"n_images": len(part), "sha256": digest}
    return found


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
