"""What 4 and 16 times as many photos cost: time of an epoch, of decoding, and the worker's memory.

For each size, one run that decodes every photo and trains one epoch, and one that finds them decoded. Linear
cost shows as equal milliseconds an image in every line; memory should not grow. Linux only, for the memory.

    python -m benchmarks.cost_growth --counts 300 1200 4800
"""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks import common, photos


def line(given: argparse.Namespace, home: Path, source: Path, count: int) -> list[object]:
    """The figures of `count` photos."""
    name = f"photos-{count}"
    start = time.perf_counter()
    common.dataset(home, name, source)
    adding = time.perf_counter() - start
    split = common.split(home, name, name, 0, "--group-by", "none")
    cold, memory, history = run(given, home, name, split)
    warm, _, _ = run(given, home, name, split)
    epoch = history["training_seconds"] / (count * 0.7)
    return [
        f"{count:,}",
        f"{adding * 1000 / count:.1f}",
        f"{max(cold - warm, 0) * 1000 / count:.1f}",
        f"{epoch * 1000:.1f}",
        f"{cold:.0f}",
        f"{memory['private_mb']:.0f}",
        f"{memory['mapped_mb']:.0f}",
    ]


def run(given: argparse.Namespace, home: Path, name: str, split: str) -> tuple[float, dict, dict]:
    """Train one epoch; returns seconds, peak memory and the epoch's line of history."""
    options = ["--weights", given.weights, "--image-size", given.image_size]
    options += ["--epochs", 1, "--head-epochs", 0]
    start = time.perf_counter()
    memory = common.watched(home, "train", "--dataset", name, "--split", split, *options)
    seconds = time.perf_counter() - start
    newest = max((home / "runs").iterdir(), key=lambda folder: folder.stat().st_mtime)
    return seconds, memory, common.history(home, newest.name)[0]


def main() -> None:
    """Read the arguments, measure each size, print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--source", type=Path, default=common.SHARED / "data" / "birdcatdog")
    parser.add_argument("--counts", type=int, nargs="*", default=[300, 1200, 4800])
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--weights", default="starter")
    given = parser.parse_args()
    rows = []
    with common.home(given.home) as home, tempfile.TemporaryDirectory() as folder:
        for count in given.counts:
            # Another seed for each size: equal photos would be found decoded by the next.
            source = photos.make(Path(folder) / str(count), source=given.source, count=count, seed=count)
            rows.append(line(given, home, source, count))
    head = ["photos", "adding, ms each", "decoding, ms each", "training, ms each", "one epoch from cold, s"]
    head += ["own memory, MB", "with mapped files, MB"]
    common.report(head, rows, f"{given.image_size} px")


if __name__ == "__main__":
    main()
