"""The proof that a bundle answers as the run does: its own predict.py, on the validation images."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from core import runs
from core.errors import ExportError
from core.inference import predictor

MOST_IMAGES = 1000
TOLERANCE = 1e-3
_SECONDS = 3600


def measure(run: runs.Run, model: predictor.Predictor, bundle: Path) -> dict[str, Any]:
    """Run the bundle in a process of its own, and the run's model, on the same images.

    Validation images, at most 1,000, evenly spread; training images where there are none. Returns
    {"max_difference" (in any probability), "agreement" (share of equal answers), "n_images", "subset"}.

    Raises:
        ExportError: the bundle fails, or answers differently.
    """
    subset, files = _images(run)
    theirs = _ask(bundle, files)
    ours = [answer.record() for answer in model.stream(files)]
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if "error" not in a and "error" not in b]
    if not pairs or any(("error" in a) != ("error" in b) for a, b in zip(ours, theirs, strict=True)):
        raise ExportError("The exported model cannot read the run's images; nothing was exported.")
    differences = [
        abs(a["probabilities"][label] - b["probabilities"][label])
        for a, b in pairs
        for label in model.classes
    ]
    equal = [a["label"] == b["label"] for a, b in pairs]
    result = {
        "max_difference": max(differences),
        "agreement": sum(equal) / len(equal),
        "n_images": len(pairs),
        "subset": subset,
    }
    if result["max_difference"] > TOLERANCE:
        raise ExportError(
            f"The exported model answers differently: a probability by {result['max_difference']:.4f} on "
            f"{len(pairs)} {subset} images, where {TOLERANCE} is accepted. Nothing was exported."
        )
    return result


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


def _ask(bundle: Path, files: list[Path]) -> list[dict[str, Any]]:
    names = bundle / "images.json"
    names.write_text(json.dumps([str(path) for path in files]), encoding="utf-8")
    command = [sys.executable, "-I", str(bundle / "predict.py"), "--json", "--list", str(names)]
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
