"""The proof that a bundle answers as the run does: its own predict.py, on the validation images."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core import runs
from core.errors import ExportError
from core.inference import predictor

MOST_IMAGES = 1000
TOLERANCE = 1e-4
LINE = 1e-3  # of distances to the known images, which are about 1 at their edge
_SECONDS = 3600


def measure(
    run: runs.Run, model: predictor.Predictor, bundle: Path, formats: Sequence[str] = ("onnx",)
) -> dict[str, Any]:
    """Run the bundle in a process of its own, and the run's model, on the same images.

    Validation images, at most 1,000, evenly spread; training images where there are none. Returns
    {"max_difference" (in any probability), "agreement" (share of equal answers), "unknown_agreement"
    (share of images that both or neither call unknown), "n_images", "subset", "formats"}: the worst of the
    formats.

    Raises:
        ExportError: the bundle fails, or answers differently.
    """
    subset, files = _images(run)
    ours = list(model.stream(files))
    results = [_compare(model, ours, _ask(bundle, files, form), form, subset) for form in formats]
    return {
        "max_difference": max(result["max_difference"] for result in results),
        "agreement": min(result["agreement"] for result in results),
        "unknown_agreement": min(result["unknown_agreement"] for result in results),
        "n_images": results[0]["n_images"],
        "subset": subset,
        "formats": list(formats),
    }


def _compare(
    model: predictor.Predictor,
    ours: list[predictor.Answer],
    theirs: list[dict[str, Any]],
    form: str,
    subset: str,
) -> dict[str, Any]:
    """How far the bundle's answers in one format lie from the run's."""
    both = list(zip(ours, theirs, strict=True))
    pairs = [(a, b) for a, b in both if a.error is None and "error" not in b]
    if not pairs or any((a.error is None) == ("error" in b) for a, b in both):
        raise ExportError("The exported model cannot read the run's images; nothing was exported.")
    result = {
        "max_difference": max(
            abs(a.probabilities[label] - b["probabilities"][label])
            for a, b in pairs
            for label in model.classes
        ),
        "agreement": sum(a.label == b["label"] for a, b in pairs) / len(pairs),
        "unknown_agreement": sum(a.unknown == b["unknown"] for a, b in pairs) / len(pairs),
        "n_images": len(pairs),
    }
    if result["max_difference"] > TOLERANCE:
        raise ExportError(
            f"The exported model ({form}) answers differently: a probability by "
            f"{result['max_difference']:.4f} on {len(pairs)} {subset} images, where {TOLERANCE} is accepted. "
            "Nothing was exported."
        )
    if any(a.unknown != b["unknown"] and not _on_the_line(model, a) for a, b in pairs):
        raise ExportError(
            f"The exported model ({form}) calls other images unknown than the run does, for "
            f"{1 - result['unknown_agreement']:.1%} of {len(pairs)} {subset} images. Nothing was exported."
        )
    return result


def _on_the_line(model: predictor.Predictor, answer: predictor.Answer) -> bool:
    """Whether rounding alone may decide if the image is unknown."""
    if model.known is None or answer.distance is None:
        return False
    return abs(answer.distance - model.known.cutoff) < LINE


def _images(run: runs.Run) -> tuple[str, list[Path]]:
    table = run.manifest().sort_values("path")
    for subset in ("validation", "train"):
        files = [Path(file) for file in table.loc[table["subset"] == subset, "file"] if Path(file).exists()]
        if files:
            return subset, files[:: max(1, -(-len(files) // MOST_IMAGES))]
    raise ExportError(
        f"None of the images that run {run.id} was trained on is there any more, so that the export cannot "
        "be checked. Bring them back to where they were, or relink the dataset."
    )


def _ask(bundle: Path, files: list[Path], form: str) -> list[dict[str, Any]]:
    names = bundle / "images.json"
    names.write_text(json.dumps([str(path) for path in files]), encoding="utf-8")
    command = [sys.executable, "-I", str(bundle / "predict.py"), "--json", "--list", str(names)]
    command += ["--format", form]
    try:
        found = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_SECONDS, cwd=bundle
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ExportError(f"The exported predict.py fails ({last}); nothing was exported.") from error
    finally:
        names.unlink()
    answers: list[dict[str, Any]] = json.loads(found.stdout)["predictions"]
    return answers
