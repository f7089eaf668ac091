"""Indexing many small images: rate, memory, the second pass, and how near-duplicate search grows.

Draws the images into a temporary folder and workspace, both removed at the end. Memory is the most that this
process and its largest worker held (Linux). Seconds depend on what else the machine does, processor seconds
hardly.

Takes about 5 minutes on two cores, and 400 MB of temporary disk.

    python -m benchmarks.indexing
"""

import contextlib
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import common, memory, photos, trials
from core import memory as own_memory
from core.data import datasets, near

SIDE = 64
CLASSES = 10


def draw(root: Path, n_images: int) -> None:
    """Write small, all different JPEGs into class folders: smooth random colour fields."""
    random = np.random.default_rng(0)
    for label in range(CLASSES):
        (root / f"class{label}").mkdir(parents=True)
    for number in range(n_images):
        rough = Image.fromarray(random.integers(0, 255, (6, 6, 3), dtype=np.uint8))
        image = rough.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        image.save(root / f"class{number % CLASSES}" / f"{number:06d}.jpg", quality=85)


Row = list[str]


@contextlib.contextmanager
def timed(rows: list[Row], what: str, n_images: int) -> Iterator[None]:
    """Add a row: how long the block took, images per second, and processor seconds."""
    start, worked = time.perf_counter(), processor_seconds()
    with memory.watched(os.getpid()) as worker:
        yield
    seconds, worked = time.perf_counter() - start, processor_seconds() - worked
    held = [f"{own_memory.peak_bytes() / 2**20:,.0f}", f"{worker.all:,.0f}" if worker.all else ""]
    rows.append(
        [what, f"{n_images:,}", f"{seconds:.1f}", f"{n_images / seconds:,.0f}", f"{worked:.1f}", *held]
    )
    common.heard(" | ".join(rows[-1]))


def processor_seconds() -> float:
    """What this process and its ended workers have used of the processors."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Draw, index twice, search parts of growing size; print the figures."""
    parser = common.parser(__doc__, images=160)
    parser.add_argument("--images", type=int, default=100_000)
    given = parser.parse_args()
    n_images, rows = given.images, []
    with common.home(given.home) as home:
        source = photos.once(home / f"many-{n_images}", lambda part: draw(part, n_images))
        trials.forget("many")
        with timed(rows, "first pass, near-duplicates included", n_images):
            dataset = datasets.add("many", source)
        with timed(rows, "second pass, nothing changed", n_images):
            datasets.refresh("many")
        for part in (16, 8, 4, 2, 1):
            among = n_images // part
            with timed(rows, "near-duplicate search", among):
                near.pairs(dataset.table.iloc[:among])
    head = ["what", "images", "seconds", "images/s", "processor seconds", "peak here so far, MiB"]
    common.report([*head, "peak of a worker, MiB"], rows, f"images of {SIDE}x{SIDE}, drawn for it")


if __name__ == "__main__":
    main()
