"""From an image's bytes to its answer: latency of one, images a second of many, and 50 callers at once.

Rows take turns, image by image, so that a busy neighbour slows all of them alike: the ratios hold where the
milliseconds do not. ResNet-18 at 224 pixels with random weights; photos are made by `benchmarks.photos`.

    python -m benchmarks.inference
    python -m benchmarks.inference --rounds 100 --size 4000 3000
"""

import concurrent.futures
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
import torchvision
from PIL import Image
from torchvision.transforms import v2

from benchmarks import common, photos
from core import runs, workspace
from core.inference import loaded, predictor, service
from core.inference.export import bundle
from core.model import network
from core.model.transform import EvalTransform

CLASSES = ["bird", "cat", "dog"]
CALLERS = 50
Rows = dict[str, Callable[[bytes], Any]]


def main() -> None:
    """Read the arguments, make a model and photos, measure, print the tables."""
    parser = common.parser(__doc__)
    parser.add_argument("--source", type=Path, default=common.SHARED / "data" / "birdcatdog")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--size", type=int, nargs=2, default=(1600, 1200))
    parser.add_argument(
        "--threads", type=int, default=0, help="of torch and ONNX Runtime; 0: their own choice"
    )
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    with common.home(given.home) as home, tempfile.TemporaryDirectory() as folder:
        os.environ["FIELDGUIDE_HOME"] = str(home)
        made = photos.make(Path(folder), source=given.source, count=24, size=tuple(given.size))
        images = [path.read_bytes() for path in sorted(made.rglob("*.jpg"))]
        model = predictor.load(_run().id)
        rows = _rows(model, home, given.threads)
        one = _latency(rows, images, given.rounds)
        many = _throughput(model, images)
        callers = _callers(model.run_id, images)
    head = ["from bytes to answer", "p50 ms", "p99 ms", "beside Fieldguide (medians)"]
    common.report(head, one, f"{given.size[0]}x{given.size[1]} JPEG, {given.rounds} rounds in turn")
    print("\n" + common.table(["many images", "images a second"], [*many, *callers]))


def _run() -> runs.Run:
    """A run with a random ResNet-18: enough to measure time with."""
    import pandas as pd

    table = pd.DataFrame({"path": CLASSES, "label": CLASSES, "class_index": range(3), "subset": "train"})
    run = runs.create({"dataset": "none", "split": "none", "backbone": "resnet18", "weights": "none"}, table)
    import safetensors.torch

    model = network.Classifier("resnet18", 3, 224)
    safetensors.torch.save_file(model.state_dict(), run.folder / "model.safetensors")
    transform = EvalTransform.for_size(224).to_dict()
    card = {"backbone": "resnet18", "classes": CLASSES, "image_size": 224, "transform": transform}
    weights = {"kind": "none", "origin": "none", "file": None, "sha256": ""}
    workspace.write_json(run.folder / "model.json", card | {"weights": weights, "epoch": 1})
    workspace.write_json(run.folder / "status.json", {"state": "finished"})
    return run


def _rows(model: predictor.Predictor, home: Path, threads: int) -> Rows:
    """What is compared, each from bytes to logits or answer; the arithmetic alone ignores its bytes."""
    plain = torchvision.models.resnet18(weights=None)
    plain.fc = torch.nn.Linear(512, 3)
    plain.eval()
    steps = [v2.Resize(256), v2.CenterCrop(224), v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True)]
    preset = v2.Compose([*steps, v2.Normalize(model.transform.mean, model.transform.std)])
    bundle.to_onnx(model.model, home / "model.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(home / "model.onnx", options, providers=["CPUExecutionProvider"])
    still = torch.zeros(1, 3, 224, 224).contiguous(memory_format=torch.channels_last)

    @torch.inference_mode()
    def torchvision_way(content: bytes) -> Any:
        return plain(preset(Image.open(io.BytesIO(content)).convert("RGB"))[None]).softmax(1)

    def onnx_way(content: bytes) -> Any:
        return session.run(None, {"pixels": model.transform.batch(model.transform.read(content)[None])})

    @torch.inference_mode()
    def arithmetic(content: bytes) -> Any:
        return model.fast(still)

    return {
        "Fieldguide": lambda content: model.predict([content])[0],
        "plain torchvision": torchvision_way,
        "ONNX Runtime, our preparation": onnx_way,
        "the model's arithmetic alone": arithmetic,
    }


def _latency(rows: Rows, images: list[bytes], rounds: int) -> list[list[str]]:
    taken: dict[str, list[float]] = {name: [] for name in rows}
    for number in range(rounds + 3):
        for name, answer in rows.items():
            start = time.perf_counter()
            answer(images[number % len(images)])
            if number >= 3:  # the first ones warm up
                taken[name].append(1000 * (time.perf_counter() - start))
    ours = statistics.median(taken["Fieldguide"])
    return [
        [name, f"{np.median(ms):.1f}", f"{np.quantile(ms, 0.99):.1f}", f"{np.median(ms) / ours:.2f}x"]
        for name, ms in taken.items()
    ]


def _throughput(model: predictor.Predictor, images: list[bytes]) -> list[list[str]]:
    """Batches of 32 from bytes, beside the arithmetic of a batch alone."""
    many = images * 4
    start = time.perf_counter()
    model.predict(many)
    whole = len(many) / (time.perf_counter() - start)
    x = torch.zeros(32, 3, 224, 224).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        start = time.perf_counter()
        for _ in range(3):
            model.fast(x)
    alone = 96 / (time.perf_counter() - start)
    return [["Fieldguide, from bytes", f"{whole:.1f}"], ["the model's arithmetic alone", f"{alone:.1f}"]]


def _callers(run_id: str, images: list[bytes]) -> list[list[str]]:
    """50 threads ask the service for one image after the other, 4 each."""
    loaded.get(run_id)
    shared = service.Service(service.Limits(seconds=600))

    def ask(number: int) -> int:
        return sum(answer.error is None for answer in shared.predict(run_id, [("a", images[number % 24])]))

    start = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
        answered = sum(pool.map(ask, range(CALLERS * 4)))
    seconds = time.perf_counter() - start
    shared.close()
    name = f"{CALLERS} callers at once, {answered} answers in {shared.batches} batches"
    return [[name, f"{answered / seconds:.1f}"]]


if __name__ == "__main__":
    main()
