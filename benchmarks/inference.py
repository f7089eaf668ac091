"""From an image's bytes to its answer: latency of one, images a second of many, and 50 HTTP clients at once.

Rows take turns, image by image, so that a busy neighbour slows all of them alike: the ratios hold where the
milliseconds do not. ResNet-18 at 224 pixels with random weights; photos are made by `benchmarks.photos`. The
clients are threads of this process, the server is `streamlit run app.py` in a process of its own.

Takes about 3 minutes on two cores.

    python -m benchmarks.inference
    python -m benchmarks.inference --rounds 100 --size 4000 3000
"""

import argparse
import concurrent.futures
import io
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

from benchmarks import common, photos, served
from core.inference import predictor
from core.inference.export import networks

BATCH = predictor.BATCH
OURS = "Fieldguide"
Rows = dict[str, Callable[[list[bytes]], Any]]


def main() -> None:
    """Read the arguments, make a model and photos, measure, print the table."""
    parser = common.parser(__doc__, rounds=2, batches=1, asked=1, callers=8, size=(320, 240))
    parser.add_argument("--source", type=Path, help="images to make photos from")
    parser.add_argument("--rounds", type=int, default=60, help="single images, each way")
    parser.add_argument("--batches", type=int, default=8, help="batches of 16, each way")
    parser.add_argument("--asked", type=int, default=8, help="requests by each of the clients")
    parser.add_argument("--callers", type=int, default=50, help="HTTP clients at once")
    parser.add_argument("--size", type=int, nargs=2, default=(1600, 1200))
    parser.add_argument(
        "--threads", type=int, default=0, help="of torch and ONNX Runtime; 0: their own choice"
    )
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    with common.home(given.home) as home, tempfile.TemporaryDirectory() as folder:
        source = given.source or photos.source(home)
        made = photos.make(Path(folder), source=source, count=24, size=tuple(given.size))
        images = [path.read_bytes() for path in sorted(made.rglob("*.jpg"))]
        model = predictor.load(served.run())
        ways = _ways(model, home, given.threads)
        single = _in_turn(ways, [[image] for image in images], given.rounds)
        batches = [(images * 2)[start : start + BATCH] for start in range(0, len(images), 8)]
        many = _in_turn(ways, [batch for batch in batches if len(batch) == BATCH], given.batches)
        with served.server(home) as server:
            clients = _clients(server, model.run_id, images, given)
    rows = [_row(name, single[name], many[name], single[OURS], many[OURS]) for name in ways]
    head = [
        "from bytes to answer",
        "p50 ms",
        "p99 ms",
        "beside ours",
        f"images a second, {BATCH}",
        "beside ours",
    ]
    size = "x".join(map(str, given.size))
    note = f"{size} JPEG, {given.rounds} single images and {given.batches} batches in turn"
    common.report(head, [*rows, clients], note)


def _ways(model: predictor.Predictor, home: Path, threads: int) -> Rows:
    """What is compared, each from the bytes of some images to their answers; the last looks at no bytes."""
    plain = torchvision.models.resnet18(weights=None)
    plain.fc = torch.nn.Linear(512, len(served.CLASSES))
    plain.eval()
    steps = [v2.Resize(256), v2.CenterCrop(224), v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True)]
    preset = v2.Compose([*steps, v2.Normalize(model.transform.mean, model.transform.std)])
    networks.to_onnx(model.fast, home / "model.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(home / "model.onnx", options, providers=["CPUExecutionProvider"])

    @torch.inference_mode()
    def torchvision_way(contents: list[bytes]) -> Any:
        opened = [Image.open(io.BytesIO(content)).convert("RGB") for content in contents]
        return plain(torch.stack([preset(image) for image in opened])).softmax(1)

    def onnx_way(contents: list[bytes]) -> Any:
        pixels = np.stack([model.transform.read(content) for content in contents])
        return session.run(None, {"pixels": model.transform.batch(pixels)})

    @torch.inference_mode()
    def arithmetic(contents: list[bytes]) -> Any:
        still = torch.zeros(len(contents), 3, 224, 224).contiguous(memory_format=torch.channels_last)
        return model.fast(still)

    return {
        OURS: model.predict,
        "plain torchvision": torchvision_way,
        "ONNX Runtime, our preparation": onnx_way,
        "the model's arithmetic alone": arithmetic,
    }


def _in_turn(ways: Rows, groups: list[list[bytes]], rounds: int) -> dict[str, np.ndarray]:
    """Seconds (rounds,) that each way took for a group of images; the first round warms up."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, answer in ways.items():
            start = time.perf_counter()
            answer(groups[number % len(groups)])
            if number:
                taken[name].append(time.perf_counter() - start)
    return {name: np.array(seconds) for name, seconds in taken.items()}


def _row(
    name: str, single: np.ndarray, many: np.ndarray, our_single: np.ndarray, our_many: np.ndarray
) -> list[str]:
    """Latency of one image and images a second in batches, each beside ours (medians)."""
    speed, our_speed = BATCH / np.median(many), BATCH / np.median(our_many)
    return [
        name,
        f"{1000 * np.median(single):.1f}",
        f"{1000 * np.quantile(single, 0.99):.1f}",
        f"{np.median(single) / np.median(our_single):.2f}x",
        f"{speed:.1f}",
        f"{speed / our_speed:.2f}x",
    ]


def _clients(server: served.Server, run: str, images: list[bytes], given: argparse.Namespace) -> list[str]:
    """Many clients, each with one request after the other: latency of each, and images a second of all."""
    server.predict(run, [("warm.jpg", images[0])])
    taken: list[float] = []
    failed: list[int] = []

    def ask(client: int) -> None:
        for number in range(given.asked):
            start = time.perf_counter()
            status, _ = server.predict(run, [("a.jpg", images[(client + number) % len(images)])])
            taken.append(time.perf_counter() - start)
            failed.extend([status] if status != 200 else [])

    start = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(given.callers) as pool:
        list(pool.map(ask, range(given.callers)))
    speed = len(taken) / (time.perf_counter() - start)
    name = f"{given.callers} HTTP clients at once" + (f" ({len(failed)} requests refused)" if failed else "")
    p50, p99 = (f"{1000 * np.quantile(taken, q):.0f}" for q in (0.5, 0.99))
    return [name, p50, p99, "", f"{speed:.1f}", ""]


if __name__ == "__main__":
    main()
