"""Our training's steps, and the bare model's, each in a process of its own: what `steps.py`,
`training_speed.py` and `cost_growth.py` time. Prints one JSON object with images per second.

    python -m benchmarks.one_epoch ours --dataset D --split S
    python -m benchmarks.one_epoch model --precision bf16
"""

import argparse
import json
import re
import statistics
import time

from benchmarks import common

WINDOW = {"cpu": 4, "cuda": 32}
"""Steps that are timed together: a GPU is looked at every 16 of them."""
MODEL_STEPS = {"cpu": 16, "cuda": 160}


def ours(given: argparse.Namespace) -> dict[str, object]:
    """A run as any other, its steps timed from outside, by its progress report.

    Of several epochs, which may differ in image size, the speed is that of all their images together.
    """
    from core.training import config as configs
    from core.training import jobs

    stamps: dict[int, list[float]] = {}
    decoding: list[float] = []

    def hear(done: int, total: int, message: str) -> None:
        if found := re.match(r"Epoch (\d+) of \d+, step ", message):
            stamps.setdefault(int(found[1]), []).append(time.perf_counter())
        elif message.startswith("Decoding images"):
            decoding.append(time.perf_counter())

    config = configs.TrainingConfig(
        dataset=given.dataset,
        split=given.split,
        weights=given.weights,
        image_size=given.image_size,
        batch_size=given.batch_size,
        epochs=given.epochs,
        progressive=given.progressive,
        device=given.device,
        head_epochs=0,
        head_start="random",
    )
    run = jobs.prepare(config)
    if jobs.run_here(run, hear) != "finished":
        raise SystemExit(f"The run failed: {run.status().get('error')}")
    chosen = run.config()
    window = WINDOW[chosen["device"].partition(":")[0]]
    # The last batch of an epoch is smaller.
    speeds = [common.images_per_second(found[:-1], given.batch_size, window) for found in stamps.values()]
    said = {key: chosen[key] for key in ("precision", "device", "batch_norm")}
    said |= {"run": run.id, "peak_bytes": run.status().get("peak_bytes")}
    said |= {"decoding_seconds": decoding[-1] - decoding[0] if decoding else 0.0}
    return {"images_per_second": statistics.harmonic_mean(speeds)} | said


def model(given: argparse.Namespace) -> dict[str, object]:
    """Forward, backward and optimizer on one batch that lies in memory."""
    import torch

    from core.model import network
    from core.training import config as configs
    from core.training import device as devices
    from core.training import optim

    config = configs.TrainingConfig(
        dataset="-", split="-", learning_rate=1e-3, backbone_learning_rate=1e-5, batch_norm=given.batch_norm
    )
    torch.set_num_threads(devices.threads(None))
    device = devices.pick(given.device)
    network_ = network.Classifier("resnet18", given.classes, given.image_size).to(device)
    network_ = network_.to(memory_format=torch.channels_last)
    optim.set_mode(network_, batch_norm=given.batch_norm)
    optimizer = optim.build(network_, config, head_steps=0)
    images = torch.rand(given.batch_size, 3, given.image_size, given.image_size, device=device)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.zeros(given.batch_size, dtype=torch.int64, device=device)
    stamps, window = [], WINDOW[device.type]
    with devices.tf32():
        for step in range(MODEL_STEPS[device.type]):
            with devices.autocast(device, given.precision):
                scores = network_(images)
            torch.nn.functional.cross_entropy(scores.float(), labels).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            if device.type == "cuda" and step % window == 0:
                torch.cuda.synchronize()
            stamps.append(time.perf_counter())
    return {"images_per_second": common.images_per_second(stamps, given.batch_size, window)}


def main() -> None:
    """Read the arguments, take the steps, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["ours", "model"])
    parser.add_argument("--dataset")
    parser.add_argument("--split")
    parser.add_argument("--weights", default="starter")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--progressive", choices=["off", "on"], default="off")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", choices=["fp32", "bf16", "fp16"], default="fp32")
    parser.add_argument("--batch-norm", choices=["frozen", "train"], default="frozen")
    parser.add_argument("--classes", type=int, default=3)
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=32)
    given = parser.parse_args()
    print(json.dumps({"ours": ours, "model": model}[given.what](given)))


if __name__ == "__main__":
    main()
