"""How near-duplicate search grows, and what it misses of pairs at the very edge of its rule.

    python -m benchmarks.near
    python -m benchmarks.near --tiles noise     smooth random fields instead of cuts from photographs

Searches 25,000, 50,000 and 100,000 tiles cut at random from the shared photographs, and plants 1,000 noisy
copies in any orientation among 20,000, most of them correlating by 0.99 to 0.999 with their original, where
real copies have more: comparing each with its original says which of them count. Time is of one processor.
"""

import argparse
import math
import resource

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks import common
from benchmarks.indexing import processor_seconds
from core.data import hashing, near

SIZES = (25_000, 50_000, 100_000)
PLANTED, AMONG = 1_000, 20_000


def cuts(n: int, random: np.random.Generator) -> np.ndarray:
    """Tiles (n, 32, 32): random rectangles of shared photographs, a quarter to three quarters a side."""
    data = common.SHARED / "data"
    files = [file for name in ("birdcatdog", "caltech10") for file in sorted((data / name).rglob("*.jpg"))]
    tiles = []
    for file in files:
        with Image.open(file) as opened:
            image = opened.convert("L")
        for _ in range(math.ceil(n / len(files))):
            width, height = (round(side * random.uniform(0.25, 0.75)) for side in image.size)
            left, top = (
                random.integers(all_ - part + 1)
                for all_, part in zip(image.size, (width, height), strict=True)
            )
            tiles.append(hashing.tile(image.crop((left, top, left + width, top + height))))
    return random.permutation(np.stack(tiles))[:n]


def fields(n: int, random: np.random.Generator) -> np.ndarray:
    """Tiles (n, 32, 32) of smooth noise."""
    rough = (Image.fromarray(random.integers(0, 255, (6, 6), dtype=np.uint8)) for _ in range(n))
    return np.stack([hashing.tile(one.resize((64, 64), Image.Resampling.BICUBIC)) for one in rough])


def copies(tiles: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each tile with noise of some coarseness and strength, in some orientation."""
    made = []
    for tile in tiles.astype(float):
        cells = int(random.choice([4, 8, 32]))
        noise = np.kron(random.normal(size=(cells, cells)), np.ones((32 // cells,) * 2))
        noise *= random.uniform(0.03, 0.14) * tile.std() / noise.std()
        turned = hashing.orientations(np.clip(tile + noise, 0, 255).round().astype(np.uint8)[None])
        made.append(turned[0, random.integers(hashing.ORIENTATIONS)])
    return np.stack(made)


def table(tiles: np.ndarray) -> pd.DataFrame:
    """The columns that the search reads."""
    hashes = [hashing.dhashes(tiles[start : start + 4096]) for start in range(0, len(tiles), 4096)]
    return pd.DataFrame(
        {
            "sha256": np.arange(len(tiles)).astype(str),
            "dhash": [hashing.to_bytes(one) for one in np.concatenate(hashes)],
            "tile": [one.tobytes() for one in tiles],
        }
    )


def growth(tiles: np.ndarray) -> None:
    """Print processor seconds, the exponent from size to size, and what the search adds to the memory."""
    rows, before = [], 0.0
    for size in SIZES:
        listed = table(tiles[:size])
        resident, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, processor_seconds()
        near.clusters(listed)
        seconds = processor_seconds() - start
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident) / 1024
        exponent = f"{math.log2(seconds / before):.2f}" if before else ""
        rows.append([f"{size:,}", f"{seconds:.1f}", exponent, f"{more:.0f}"])
        before = seconds
    common.report(["tiles", "processor seconds", "exponent", "more MiB than before"], rows)


def recall(tiles: np.ndarray, random: np.random.Generator) -> None:
    """Print how many of the planted copies that count as such are found."""
    originals = tiles[:AMONG]
    listed = table(np.concatenate([originals, copies(originals[:PLANTED], random)]))
    found = {tuple(pair) for pair in near.pairs(listed).tolist()}
    alone = [near.pairs(listed.iloc[[row, AMONG + row]]) for row in range(PLANTED)]
    count = [row for row, pair in enumerate(alone) if len(pair)]
    hit = sum((row, AMONG + row) in found for row in count)
    print(f"{hit} of {len(count)} copies found that count as copies (of {PLANTED} planted)")


def main() -> None:
    """Read the arguments, search, print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tiles", choices=["photographs", "noise"], default="photographs")
    random = np.random.default_rng(0)
    tiles = {"photographs": cuts, "noise": fields}[parser.parse_args().tiles](max(SIZES), random)
    growth(tiles)
    recall(tiles, random)


if __name__ == "__main__":
    main()
