"""Classify images with the exported model: `python predict.py [--json] PATH...`

Needs onnxruntime, numpy and pillow, nothing else. The folder `core` beside this file holds the very code
that Fieldguide reads and prepares images with. As a library: `Model(folder).predict([path_or_bytes, ...])`.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))

from core.errors import ImageError
from core.model.transform import EvalTransform


class Model:
    """The exported model with its labels, its transform and its decision rule."""

    def __init__(self, folder: Path) -> None:
        self.labels: list[str] = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        preprocessing = json.loads((folder / "preprocessing.json").read_text(encoding="utf-8"))
        self.transform = EvalTransform.from_dict(preprocessing["transform"])
        self.rule: dict[str, Any] = json.loads((folder / "decision.json").read_text(encoding="utf-8"))
        providers = ["CPUExecutionProvider"]
        self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=providers)

    def predict(self, sources: list[Path | bytes]) -> list[dict[str, Any]]:
        """Answer for files or their bytes, one after the other."""
        return [self._answer(source) for source in sources]

    def _answer(self, source: Path | bytes) -> dict[str, Any]:
        name = "bytes" if isinstance(source, bytes) else str(source)
        try:
            pixels = self.transform.read(source)
        except ImageError as error:
            return {"path": name, "error": str(error)}
        (logits,) = self.session.run(None, {"pixels": self.transform.batch(pixels[None])})
        shares = softmax(logits[0].astype(np.float64) / self.rule["temperature"])
        place = choose(self.rule, shares)
        shown = int(shares.argmax()) if place < 0 else place
        return {
            "path": name,
            "label": self.labels[shown],
            "probability": float(shares[shown]),
            "probabilities": dict(zip(self.labels, map(float, shares), strict=True)),
            "logits": [float(value) for value in logits[0]],
            "unknown": True if place < 0 else None,
            "unknown_because": "unsure" if place < 0 else None,
        }


def softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n_classes,) scores -> probabilities that add up to 1."""
    powers = np.exp(values - values.max())
    return powers / powers.sum()


def choose(rule: dict[str, Any], shares: NDArray[np.float64]) -> int:
    """The class index that the decision rule answers for probabilities (n_classes,); -1 for "unknown"."""
    if rule.get("unknown_below") is not None and shares.max() < rule["unknown_below"]:
        return -1
    if rule["kind"] == "cost":
        return _least_cost(rule, shares)
    if rule["kind"] == "threshold":
        place = rule["classes"].index(rule["label"])
        others = shares.copy()
        others[place] = -1.0
        return place if shares[place] >= rule["threshold"] else int(others.argmax())
    return int(shares.argmax())


def _least_cost(rule: dict[str, Any], shares: NDArray[np.float64]) -> int:
    """The cheapest answer; of equally cheap ones the most probable; -1 where handing on is cheaper."""
    costs = np.array(rule["costs"], dtype=np.float64)
    expected, slack = shares @ costs, 1e-9 * costs.max()
    if rule.get("unknown_cost") and expected.min() > rule["unknown_cost"] + slack:
        return -1
    return int(np.where(expected <= expected.min() + slack, shares, -1.0).argmax())


def main() -> None:
    """Read the arguments and print an answer for each image."""
    parser = argparse.ArgumentParser(description="Classify images with an exported Fieldguide model.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    parser.add_argument("--list", type=Path, help="a JSON list of more paths")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    listed = json.loads(given.list.read_text(encoding="utf-8")) if given.list else []
    answers = Model(Path(__file__).resolve().parent).predict([*given.paths, *map(Path, listed)])
    if given.json:
        sys.stdout.write(json.dumps({"predictions": answers}, ensure_ascii=False) + "\n")
        return
    for one in answers:
        sys.stdout.write(f"{one['path']}: {one.get('error') or say(one)}\n")


def say(answer: dict[str, Any]) -> str:
    """An answer in words."""
    label = f"{answer['label']} {answer['probability']:.1%}"
    return f"unknown, too unsure to say (most probable: {label})" if answer["unknown"] else label


if __name__ == "__main__":
    main()
