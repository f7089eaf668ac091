"""Indexing many small images: rate, memory, the second pass, and how near-duplicate search grows.

    python -m benchmarks.indexing --images 100000

Draws the images into a temporary folder and workspace, both removed at the end. Memory is the largest
resident size of this process and of its largest worker.
"""

import argparse
import contextlib
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

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


@contextlib.contextmanager
def timed(what: str, n_images: int) -> Iterator[None]:
    """Print how long the block took, images per second, and processor seconds, which others' load spares."""
    start, worked = time.perf_counter(), processor_seconds()
    yield
    seconds, worked = time.perf_counter() - start, processor_seconds() - worked
    rate = n_images / seconds
    print(f"{what}: {seconds:.1f} s, {rate:,.0f} images/s, {worked:.1f} processor seconds", flush=True)


def processor_seconds() -> float:
    """What this process and its ended workers have used of the processors."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def mebibytes(who: int) -> float:
    """The largest resident size so far."""
    return resource.getrusage(who).ru_maxrss / 1024


def main() -> None:
    """Draw, index twice, search parts of growing size; print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=100_000)
    n_images = parser.parse_args().images
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FIELDGUIDE_HOME"] = str(Path(folder) / "workspace")
        with timed(f"drawing {n_images:,} images of {SIDE}x{SIDE}", n_images):
            draw(Path(folder) / "images", n_images)
        with timed("first pass, near-duplicates included", n_images):
            dataset = datasets.add("many", Path(folder) / "images")
        self, worker = mebibytes(resource.RUSAGE_SELF), mebibytes(resource.RUSAGE_CHILDREN)
        print(f"peak memory: {self:,.0f} MiB here, {worker:,.0f} MiB in a worker", flush=True)
        with timed("second pass, nothing changed", n_images):
            datasets.refresh("many")
        for part in (16, 8, 4, 2, 1):
            rows = n_images // part
            with timed(f"near-duplicate search among {rows:,}", rows):
                near.pairs(dataset.table.iloc[:rows])


if __name__ == "__main__":
    main()
