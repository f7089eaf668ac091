"""Images per second of a full finetune, beside the lesson's plain loop and the bare model.

In each round, one epoch over the same photos by the lesson's loop, by ours (`train --epochs 1
--head-epochs 0`: every weight learns, augmentation light), and the model's steps alone, without data, which
nothing can exceed. A figure is the median over the rounds; a ratio is the median of the rounds' ratios, as
the speed of a shared machine changes from minute to minute. With --peers-python, fastai and Lightning too.

    python -m benchmarks.photos /tmp/photos --count 1200
    python -m benchmarks.training_speed /tmp/photos
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks import common

PEERS = ("fastai", "fastai-bf16", "lightning", "lightning-bf16")
CEILING_STEPS = 12


def measure(given: argparse.Namespace, home: Path) -> dict[str, list[float]]:
    """Images per second of each contender, round by round."""
    common.dataset(home, "photos", given.photos)
    split = common.split(home, "photos-0", "photos", 0, "--group-by", "none")
    speeds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        linked = common.link_split(home, split, given.photos, Path(folder))
        for _ in range(given.rounds):
            for name, speed in one_round(given, home, split, linked).items():
                speeds.setdefault(name, []).append(speed)
    return speeds


def one_round(given: argparse.Namespace, home: Path, split: str, linked: Path) -> dict[str, float]:
    """Images per second of each contender, one after the other."""
    baseline = common.role(home, "benchmarks.lesson_baseline", linked, *sizes(given), "--epochs", 1)
    ours, precision = our_epoch(given, home, split)
    ceiling = common.role(
        home, "benchmarks.training_speed", given.photos, *sizes(given), "--ceiling", precision
    )
    speeds = {
        "lesson's loop": baseline["images_per_second"][0],
        "ours": ours,
        "the model alone": ceiling["images_per_second"],
    }
    return speeds | {peer: peer_epoch(given, peer, linked) for peer in given.peers or ()}


def sizes(given: argparse.Namespace) -> list[object]:
    """The arguments that all contenders share."""
    return ["--image-size", given.image_size, "--batch-size", given.batch_size]


def our_epoch(given: argparse.Namespace, home: Path, split: str) -> tuple[float, str]:
    """Images per second of a run's only epoch, and the precision it computed in."""
    options = [*sizes(given), "--weights", given.weights, "--epochs", 1, "--head-epochs", 0]
    trained = common.fieldguide(home, "train", "--dataset", "photos", "--split", split, *options)
    record = json.loads((home / "runs" / trained["run"] / "config.json").read_text())
    return common.history(home, trained["run"])[0]["images_per_second"], record["precision"]


def peer_epoch(given: argparse.Namespace, peer: str, linked: Path) -> float:
    """Images per second of one epoch by a peer, in its own environment."""
    name, _, bf16 = peer.partition("-")
    command = [given.peers_python, "-m", "benchmarks.peers", linked, name, *sizes(given), "--epochs", 1]
    command += ["--bf16"] if bf16 else []
    words = [str(word) for word in command]
    process = subprocess.run(words, cwd=common.CHECKOUT, stdout=subprocess.PIPE, check=True)
    return json.loads(process.stdout.splitlines()[-1])["images_per_second"][0]


def ceiling(precision: str, image_size: int, batch_size: int) -> float:
    """Images per second of forward, backward and optimizer on one batch that lies in memory."""
    import torch

    from core.model import network
    from core.training import config as configs
    from core.training import device, optim

    config = configs.TrainingConfig(
        dataset="-", split="-", learning_rate=1e-3, backbone_learning_rate=1e-5, batch_norm="frozen"
    )
    torch.set_num_threads(device.threads(None))
    model = network.Classifier("resnet18", 3, image_size).to(memory_format=torch.channels_last)
    optim.set_mode(model, batch_norm="frozen")
    optimizer = optim.build(model, config, head_steps=0)
    images = torch.rand(batch_size, 3, image_size, image_size).to(memory_format=torch.channels_last)
    labels = torch.zeros(batch_size, dtype=torch.int64)
    seconds = []
    for _ in range(CEILING_STEPS):
        start = time.perf_counter()
        with device.autocast(torch.device("cpu"), precision):
            scores = model(images)
        torch.nn.functional.cross_entropy(scores.float(), labels).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seconds.append(time.perf_counter() - start)
    return batch_size / common.median(seconds[2:])


def rows(speeds: dict[str, list[float]]) -> list[list[object]]:
    """A line for each contender: median, and the median of its ratios to the lesson's loop."""
    lines = []
    for name, found in speeds.items():
        ratios = [x / base for x, base in zip(found, speeds["lesson's loop"], strict=True)]
        per_round = ", ".join(f"{x:.1f}" for x in found)
        lines.append([name, f"{common.median(found):.1f}", f"{common.median(ratios):.2f}", per_round])
    return lines


def main() -> None:
    """Read the arguments, measure, print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("photos", type=Path, help="class folders of photos")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--weights", default="starter")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--peers-python", help="python of an environment with fastai and lightning")
    parser.add_argument("--peers", nargs="*", choices=PEERS, help="which peers (default: all)")
    parser.add_argument("--ceiling", metavar="PRECISION", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ceiling:
        speed = ceiling(given.ceiling, given.image_size, given.batch_size)
        print(json.dumps({"images_per_second": speed}))
        return
    given.peers = (given.peers or PEERS) if given.peers_python else ()
    with common.home(given.home) as home:
        speeds = measure(given, home)
    shares = [x / best for x, best in zip(speeds["ours"], speeds["the model alone"], strict=True)]
    note = f"ours is at {common.median(shares):.0%} of the model alone"
    common.report(["contender", "images/s", "times the lesson's", "rounds"], rows(speeds), note)


if __name__ == "__main__":
    main()
