"""Make N photos of about one megapixel from a folder of real images, to measure speed with.

A random part of each image, scaled to 1155x866 pixels and saved as JPEG of quality 90, as large as photos on
the web are. Classes are the names of the images' folders; images are taken in turn, class by class, so that
classes come out equal. The same seed gives the same photos. They are for measuring: do not keep them.
1,200 take about 30 seconds. Benchmarks that want photos make their own where no folder is named.

    python -m benchmarks.photos /tmp/photos --count 1200
"""

import argparse
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from benchmarks import common

SIZE = (1155, 866)
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
SMALLEST_PART = 0.6


def make(target: Path, *, source: Path, count: int, size: tuple[int, int] = SIZE, seed: int = 0) -> Path:
    """Write `count` photos of `size` pixels into class folders below `target`; returns `target`.

    Raises:
        SystemExit: `source` holds no class folders with images.
    """
    random = np.random.default_rng(seed)
    for index, (label, file) in enumerate(itertools.islice(_in_turn(source), count)):
        folder = target / label
        folder.mkdir(parents=True, exist_ok=True)
        _part(file, size, random).save(folder / f"{index:05d}.jpg", quality=90)
    return target


def given_or_made(given: Path | None, home: Path, count: int) -> Path:
    """The folder that was given, or one of `count` photos in the workspace."""
    if given is not None:
        return given
    made = home / f"photos-{count}"
    return once(made, lambda part: make(part, source=source(home), count=count))


def taken_in(home: Path, folder: Path) -> tuple[str, str]:
    """Add a folder and split it, image by image, unless that is done; names of dataset and split."""
    common.dataset(home, folder.name, folder)
    return folder.name, common.split(home, f"{folder.name}-0", folder.name, 0, "--group-by", "none")


def once(folder: Path, fill: Callable[[Path], object]) -> Path:
    """A folder that `fill` has filled, now or in an earlier call that was not interrupted."""
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        fill(part)
        part.rename(folder)
    return folder


def source(home: Path) -> Path:
    """Images to make photos from: the shared photographs, or drawn ones where there are none."""
    shared = common.SHARED / "data" / "birdcatdog"
    if shared.is_dir():
        return shared
    common.dataset(home, "drawn-animals", None)
    return home / "datasets" / "drawn-animals" / "images"


def _in_turn(source: Path) -> Iterator[tuple[str, Path]]:
    """(class, file) again and again: the first of each class, the second of each class, and so on."""
    folders = sorted({file.parent for file in source.rglob("*") if file.suffix.lower() in SUFFIXES})
    if not folders:
        raise SystemExit(f"{source} holds no folders with images ({', '.join(sorted(SUFFIXES))}).")
    cycles = [
        itertools.cycle(sorted(f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES))
        for folder in folders
    ]
    for folder, files in itertools.cycle(list(zip(folders, cycles, strict=True))):
        yield folder.name, next(files)


def _part(file: Path, size: tuple[int, int], random: np.random.Generator) -> Image.Image:
    """A random part of an image with the shape of `size`, scaled to it."""
    image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
    scale = min(image.width / size[0], image.height / size[1]) * random.uniform(SMALLEST_PART, 1)
    width, height = size[0] * scale, size[1] * scale
    left, top = random.uniform(0, image.width - width), random.uniform(0, image.height - height)
    return image.resize(size, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))


def main() -> None:
    """Read the arguments and make the photos."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("target", type=Path, help="folder to make, outside the checkout")
    arguments.add_argument("--source", type=Path, default=common.SHARED / "data" / "birdcatdog")
    arguments.add_argument("--count", type=int, default=1200)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    make(given.target, source=given.source, count=given.count, seed=given.seed)
    print(f"{given.count} photos of {SIZE[0]}x{SIZE[1]} pixels in {given.target}")


if __name__ == "__main__":
    main()
