"""Classify images with the exported model: `python predict.py [--json] PATH...`; of a folder all its images.

Needs onnxruntime, numpy and pillow, nothing else (torch in place of onnxruntime where only `model.pt2` is
there). The folder `core` beside this file holds the very code that Fieldguide reads and prepares images
with. As a library: `Model(folder).predict([path_or_bytes, ...])`.
"""

import argparse
import importlib
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))

from core.errors import FieldguideError, ImageError
from core.inference import distance, files
from core.model.transform import EvalTransform

BATCH = 16
ENDINGS = {"onnx": ".onnx", "torch": ".pt2"}
DOUBT = {None: "", "unlike": "  (unlike the training images)", "unsure": "  (too unsure to say)"}

Network = Callable[[NDArray[np.float32]], list[NDArray[np.float32]]]


class Model:
    """The exported model with its labels, its transform, its decision rule and its sense of the unknown."""

    def __init__(self, folder: Path, form: str | None = None) -> None:
        """`form` is onnx or torch; None: onnx where the bundle has it."""
        form = form or ("onnx" if (folder / "model.onnx").exists() else "torch")
        self.labels: list[str] = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        preprocessing = json.loads((folder / "preprocessing.json").read_text(encoding="utf-8"))
        self.transform = EvalTransform.from_dict(preprocessing["transform"])
        self.rule: dict[str, Any] = json.loads((folder / "decision.json").read_text(encoding="utf-8"))
        self.network = load(folder / f"model{ENDINGS[form]}")
        self.known: dict[str, Any] | None = None
        if (folder / "unknown.npz").exists():
            self.known = read_known(folder / "unknown.npz")
            apart = folder / f"backbone{ENDINGS[form]}"
            self.backbone = load(apart) if apart.exists() else None

    def predict(self, sources: Sequence[Path | bytes]) -> list[dict[str, Any]]:
        """Answer for files or their bytes, in order."""
        return list(self.stream(sources))

    def stream(self, sources: Iterable[Path | bytes]) -> Iterator[dict[str, Any]]:
        """As `predict`, a batch at a time, in flat memory."""
        waiting = iter(sources)
        while batch := list(itertools.islice(waiting, BATCH)):
            yield from self._batch(batch)

    def _batch(self, sources: list[Path | bytes]) -> list[dict[str, Any]]:
        read = [self._read(source) for source in sources]
        good = [place for place, found in enumerate(read) if not isinstance(found, str)]
        answers: list[dict[str, Any]] = [{"error": str(found)} for found in read]
        if good:
            pixels = self.transform.batch(np.stack([read[place] for place in good]))
            for place, answer in zip(good, self._answers(pixels), strict=True):
                answers[place] = answer
        names = ["bytes" if isinstance(one, bytes) else files.printable(one) for one in sources]
        return [{"path": name} | answer for name, answer in zip(names, answers, strict=True)]

    def _read(self, source: Path | bytes) -> Any:
        """(S, S, 3), or the reason why there is nothing to be seen."""
        try:
            return self.transform.read(source)
        except ImageError as error:
            return str(error)

    def _answers(self, pixels: NDArray[np.float32]) -> list[dict[str, Any]]:
        """Answers for (N, 3, S, S)."""
        outputs = self.network(pixels)
        far: list[bool | None] = [None] * len(pixels)
        if self.known is not None:
            seen = outputs[1] if self.backbone is None else self.backbone(pixels)[0]
            far = list(self.known["reference"].distances(seen) > self.known["cutoff"])
        return [self._answer(logits, flag) for logits, flag in zip(outputs[0], far, strict=True)]

    def _answer(self, logits: NDArray[np.float32], far: bool | None) -> dict[str, Any]:
        shares = softmax(logits.astype(np.float64) / self.rule["temperature"])
        place = choose(self.rule, shares)
        shown = int(shares.argmax()) if place < 0 else place
        return {
            "label": self.labels[shown],
            "probability": float(shares[shown]),
            "probabilities": dict(zip(self.labels, map(float, shares), strict=True)),
            "logits": [float(value) for value in logits],
            "unknown": True if place < 0 else (None if far is None else bool(far)),
            "unknown_because": "unlike" if far else "unsure" if place < 0 else None,
        }


def load(path: Path) -> Network:
    """A network in either format: (N, 3, S, S) -> its outputs."""
    if path.suffix == ".onnx":
        runtime = importlib.import_module("onnxruntime")
        session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        return lambda pixels: list(session.run(None, {"pixels": pixels}))
    torch = importlib.import_module("torch")
    program = torch.export.load(path).module()

    def run(pixels: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        with torch.inference_mode():
            return [output.numpy() for output in program(torch.from_numpy(pixels))]

    return run


def read_known(path: Path) -> dict[str, Any]:
    """What the run knows of its images: {"reference", "cutoff"}; what lies beyond the cut-off is unknown."""
    with np.load(path, allow_pickle=False) as kept:
        values = {name: kept[name].astype(np.float64) for name in kept.files}
    cutoff = float(values.pop("cutoff"))
    return {"reference": distance.Reference(**values), "cutoff": cutoff}


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


def words(answer: dict[str, Any]) -> str:
    """One answer as a line."""
    if "error" in answer:
        return f"{answer['path']}: {answer['error']}"
    doubt = DOUBT[answer["unknown_because"]]
    return f"{answer['path']}: {answer['label']} {answer['probability']:.1%}{doubt}"


def main() -> int:
    """Read the arguments and print an answer for each image; returns the exit status."""
    parser = argparse.ArgumentParser(description="Classify images with an exported Fieldguide model.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="images, or folders of images")
    parser.add_argument("--list", type=Path, help="a JSON list of more paths")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--format", choices=sorted(ENDINGS), help="which network to use, where there are two")
    given = parser.parse_args()
    listed = json.loads(given.list.read_text(encoding="utf-8")) if given.list else []
    paths = [*given.paths, *map(Path, listed)]
    if not paths:
        parser.print_usage(sys.stderr)
        return 2
    skipped = files.Skipped()
    try:
        found = files.some(paths, files.found(paths, skipped=skipped), skipped)
    except FieldguideError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    answers = Model(Path(__file__).resolve().parent, given.format).stream(found)
    if given.json:
        whole = {"predictions": list(answers), "n_skipped": skipped.count}
        sys.stdout.write(json.dumps(whole, ensure_ascii=False) + "\n")
        return 0
    for one in answers:
        sys.stdout.write(words(one) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
