"""Images per second of a full finetune, beside the lesson's plain loop and the bare model.

In each round, one epoch over the same photos by the lesson's loop, by ours (every weight learns, light
augmentation), and the model's steps alone, without data, which nothing can exceed. Steps are timed; what
comes before the first of them (decoding into the cache, loading weights) is `quick.py`'s to measure.
A figure is the median over the rounds; a ratio is the median of the rounds' ratios, as the speed of a shared
machine changes from minute to minute. With --peers-python, fastai and Lightning too.

    python -m benchmarks.photos /tmp/photos --count 1200
    python -m benchmarks.training_speed /tmp/photos
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks import common

PEERS = ("fastai", "fastai-bf16", "lightning", "lightning-bf16")


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
    source = ["--dataset", "photos", "--split", split, "--weights", given.weights]
    baseline = common.role(home, "benchmarks.lesson_baseline", linked, *sizes(given), "--epochs", 1)
    ours = common.role(home, "benchmarks.steps", "ours", *sizes(given), *source)
    bare = common.role(home, "benchmarks.steps", "model", *sizes(given), "--precision", ours["precision"])
    speeds = {
        "lesson's loop": baseline["images_per_second"][0],
        "ours": ours["images_per_second"],
        "the model alone": bare["images_per_second"],
    }
    return speeds | {peer: peer_epoch(given, peer, linked) for peer in given.peers or ()}


def sizes(given: argparse.Namespace) -> list[object]:
    """The arguments that all contenders share."""
    return ["--image-size", given.image_size, "--batch-size", given.batch_size]


def peer_epoch(given: argparse.Namespace, peer: str, linked: Path) -> float:
    """Images per second of one epoch by a peer, in its own environment."""
    name, _, bf16 = peer.partition("-")
    command = [given.peers_python, "-m", "benchmarks.peers", linked, name, *sizes(given), "--epochs", 1]
    command += ["--bf16"] if bf16 else []
    words = [str(word) for word in command]
    process = subprocess.run(words, cwd=common.CHECKOUT, stdout=subprocess.PIPE, check=True)
    return json.loads(process.stdout.splitlines()[-1])["images_per_second"][0]


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
    given = parser.parse_args()
    given.peers = (given.peers or PEERS) if given.peers_python else ()
    with common.home(given.home) as home:
        speeds = measure(given, home)
    shares = [x / best for x, best in zip(speeds["ours"], speeds["the model alone"], strict=True)]
    note = f"ours is at {common.median(shares):.0%} of the model alone"
    common.report(["contender", "images/s", "times the lesson's", "rounds"], rows(speeds), note)


if __name__ == "__main__":
    main()
