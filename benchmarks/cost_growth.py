"""What 4 and 16 times as many photos cost: time of an epoch, of decoding, and the worker's memory.

For each size one run that decodes every photo and trains one epoch. Linear cost shows as equal milliseconds
an image in every line. Memory is that of the process that trains: its own, which should not grow, and its
peak (`core.memory.peak_bytes`) with the pages of the pixel cache that lie in memory because there is room;
the system takes those back when it needs them. Linux only, for the memory.

Takes about 10 minutes on two cores, and 3 GB of temporary disk; with `--home` it may be interrupted.

    python -m benchmarks.cost_growth
"""

import argparse
import functools
import os
from pathlib import Path

from benchmarks import common, memory, photos, trials

FLAT = 1.2
"""The most by which memory and the cost of an image may grow."""


def figures(given: argparse.Namespace, home: Path, source: Path, count: int) -> dict[str, float]:
    """What `count` photos cost: milliseconds an image, seconds, MiB."""
    adding: list[float] = []
    with common.timed(adding):
        common.dataset(home, source.name, source)
    name, split = photos.taken_in(home, source)
    asked = ["--dataset", name, "--split", split, "--weights", given.weights, "--device", "cpu"]
    asked += ["--image-size", given.image_size, "--batch-size", given.batch_size]
    whole: list[float] = []
    with memory.watched(os.getpid()) as peak, common.timed(whole):
        found = common.role(home, "benchmarks.one_epoch", "ours", *asked)
    (epoch,) = common.history(home, found["run"])
    return {
        "adding": adding[0] * 1000 / count,
        "decoding": found["decoding_seconds"] * 1000 / count,
        "training": epoch["training_seconds"] * 1000 / (count * 0.7),
        "epoch": epoch["seconds"],
        "whole": whole[0],
        "own": peak.own,
        "peak": found["peak_bytes"] / 2**20,
    }


def growth(found: list[dict[str, float]], key: str) -> float:
    """The last size's figure beside the first's."""
    return found[-1][key] / found[0][key] if found[0][key] else 1.0


def main() -> None:
    """Read the arguments, measure each size, print the table."""
    parser = common.parser(__doc__, counts=[24, 48], image_size=32, batch_size=4)
    parser.add_argument("--source", type=Path, help="images to make photos from")
    parser.add_argument("--counts", type=int, nargs="+", default=[300, 1200, 4800])
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--weights", default="starter")
    given = parser.parse_args()
    found = []
    with common.home(given.home) as home:
        for count in given.counts:
            # Another seed for each size: equal photos would be found decoded by the next.
            source = given.source or photos.source(home)
            make = functools.partial(photos.make, source=source, count=count, seed=count)
            folder = photos.once(home / f"made-{count}", make)
            asked = ["cost", count, given.image_size, given.batch_size, given.weights]
            measure = functools.partial(figures, given, home, folder, count)
            found.append(trials.kept(home, asked, measure))
            common.heard(f"{count} photos: {found[-1]}")
    rows = [
        [
            f"{count:,}",
            *(f"{one[key]:.1f}" for key in ("adding", "decoding", "training", "epoch")),
            *(f"{one[key]:.0f}" for key in ("whole", "own", "peak")),
        ]
        for count, one in zip(given.counts, found, strict=True)
    ]
    head = ["photos", "adding, ms each", "decoding, ms each", "training, ms each", "epoch, s"]
    head += ["one epoch from cold, s", "own memory, MiB", "peak with mapped pixels, MiB"]
    notes = [f"{given.image_size} px"]
    for key in ("decoding", "training", "own", "peak"):
        notes.append(
            f"{key} grew to {growth(found, key):.2f} ({common.met(growth(found, key), at_most=FLAT)})"
        )
    common.report(head, rows, *notes)


if __name__ == "__main__":
    main()
