"""Our training's steps, and the bare model's, each in a process of its own: `training_speed.py` calls this.

Prints one JSON object with images per second.

    python -m benchmarks.steps ours --dataset D --split S
    python -m benchmarks.steps model --precision bf16
"""

import argparse
import json
import time

from benchmarks import common

MODEL_STEPS = 16


def ours(given: argparse.Namespace) -> dict[str, object]:
    """One epoch of a run as any other, its steps timed from outside, by its progress report."""
    from core.training import config as configs
    from core.training import jobs

    stamps: list[float] = []

    def hear(done: int, total: int, message: str) -> None:
        if ", step " in message:
            stamps.append(time.perf_counter())

    config = configs.TrainingConfig(
        dataset=given.dataset,
        split=given.split,
        weights=given.weights,
        image_size=given.image_size,
        batch_size=given.batch_size,
        epochs=1,
        head_epochs=0,
    )
    run = jobs.prepare(config)
    jobs.run_here(run, hear)
    speed = common.images_per_second(stamps[:-1], given.batch_size)  # the last batch is smaller
    return {"images_per_second": speed, "precision": run.config()["precision"]}


def model(given: argparse.Namespace) -> dict[str, object]:
    """Forward, backward and optimizer on one batch that lies in memory."""
    import torch

    from core.model import network
    from core.training import config as configs
    from core.training import device, optim

    config = configs.TrainingConfig(
        dataset="-", split="-", learning_rate=1e-3, backbone_learning_rate=1e-5, batch_norm="frozen"
    )
    torch.set_num_threads(device.threads(None))
    network_ = network.Classifier("resnet18", 3, given.image_size).to(memory_format=torch.channels_last)
    optim.set_mode(network_, batch_norm="frozen")
    optimizer = optim.build(network_, config, head_steps=0)
    images = torch.rand(given.batch_size, 3, given.image_size, given.image_size)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.zeros(given.batch_size, dtype=torch.int64)
    stamps = []
    for _ in range(MODEL_STEPS):
        with device.autocast(torch.device("cpu"), given.precision):
            scores = network_(images)
        torch.nn.functional.cross_entropy(scores.float(), labels).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        stamps.append(time.perf_counter())
    return {"images_per_second": common.images_per_second(stamps, given.batch_size)}


def main() -> None:
    """Read the arguments, take the steps, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["ours", "model"])
    parser.add_argument("--dataset")
    parser.add_argument("--split")
    parser.add_argument("--weights", default="starter")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=32)
    given = parser.parse_args()
    print(json.dumps({"ours": ours, "model": model}[given.what](given)))


if __name__ == "__main__":
    main()
