"""How near-duplicate search grows, and what it misses of pairs at the very edge of its rule.

Searches 25,000, 50,000 and 100,000 tiles cut at random from the shared photographs, and plants 1,000 noisy
copies in any orientation among 20,000, most of them correlating by 0.99 to 0.999 with their original, where
real copies have more: comparing each with its original says which of them count. Time is of one processor.
Aimed at: an exponent well under the square's 2, here at most 1.5 where the size was doubled twice.

Takes about 5 minutes on two cores. Wants the shared photographs (`--tiles noise` does without).

    python -m benchmarks.near
"""

import math

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks import common
from benchmarks.indexing import processor_seconds
from core import memory
from core.data import hashing, near

EXPONENT = 1.5


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


def growth(tiles: np.ndarray, sizes: list[int]) -> list[list[str]]:
    """Processor seconds, the exponent from size to size, and what the search adds to the memory."""
    rows, before = [], 0.0
    for size in sizes:
        listed = table(tiles[:size])
        held, start = memory.peak_bytes(), processor_seconds()
        near.clusters(listed)
        seconds = processor_seconds() - start
        more = (memory.peak_bytes() - held) / 2**20
        exponent = f"{math.log2(seconds / before):.2f}" if before else ""
        rows.append([f"{size:,}", f"{seconds:.1f}", exponent, f"{more:.0f}"])
        before = seconds
        common.heard(" | ".join(rows[-1]))
    return rows


def recall(tiles: np.ndarray, random: np.random.Generator, planted: int) -> str:
    """How many of the planted copies that count as such are found."""
    among = len(tiles)
    listed = table(np.concatenate([tiles, copies(tiles[:planted], random)]))
    found = {tuple(pair) for pair in near.pairs(listed).tolist()}
    alone = [near.pairs(listed.iloc[[row, among + row]]) for row in range(planted)]
    count = [row for row, pair in enumerate(alone) if len(pair)]
    hit = sum((row, among + row) in found for row in count)
    return f"{hit} of {len(count)} copies found that count as copies (of {planted} planted among {among:,})"


def main() -> None:
    """Read the arguments, search, print the figures."""
    parser = common.parser(__doc__, sizes=[100, 200], planted=20, among=100)
    parser.add_argument("--tiles", choices=["photographs", "noise"], default="photographs")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[25_000, 50_000, 100_000], help="each twice the last"
    )
    parser.add_argument("--planted", type=int, default=1_000)
    parser.add_argument("--among", type=int, default=20_000)
    given = parser.parse_args()
    random = np.random.default_rng(0)
    tiles = {"photographs": cuts, "noise": fields}[given.tiles](max(given.sizes), random)
    rows = growth(tiles, given.sizes)
    found = recall(tiles[: given.among], random, given.planted)
    last = common.met(float(rows[-1][2] or 0), at_most=EXPONENT)
    head = ["tiles", "processor seconds", "exponent", "more MiB than before"]
    common.report(head, rows, found, f"last exponent {last}")


if __name__ == "__main__":
    main()
