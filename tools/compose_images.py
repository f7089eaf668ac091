"""Compose pictures of free cut-outs on free photographs, to learn from where no photographs may be had.

Objects with a transparent ground (photographs of animals and things, drawings) are laid, one to three at a
time, over random parts of grounds (photographs, textures). What is learnt from them is a teacher's answer to
each picture, so nothing here needs a label: see `make_starter.py`.

    python tools/compose_images.py --objects stamps/ clipart/ --grounds wallpapers/ --out pictures/

Beside the pictures `composed.json` records the arguments and how many objects and grounds were used. The same
folders, seed and count give the same pictures, with any number of workers.
"""

import argparse
import concurrent.futures
import json
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, UnidentifiedImageError

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
SIDE = 192  # of a picture, pixels
LARGEST_OBJECT = 256  # longer side, pixels
LARGEST_GROUND = 2048
LEAST_OBJECT = 48  # shorter side: smaller files are icons and ornaments
LEAST_GROUND = 128
VISIBLE = 16  # of 255: what is fainter counts as transparent
OPAQUE = 250  # of 255, on average: no cut-out
LEAST_COLOURS = 12  # in 32 x 32 pixels of 4 bits a channel: fewer are letters and signs


Counts = dict[str, list[int]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments and write the pictures."""
    given = _parser().parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    parts = [range(first, given.count, given.workers) for first in range(given.workers)]
    with concurrent.futures.ProcessPoolExecutor(given.workers) as pool:
        banks = list(pool.map(work, parts, [given] * len(parts)))
    names = {
        "objects": [path.name for path in given.objects],
        "grounds": [path.name for path in given.grounds],
    }
    record = {"seed": given.seed, "count": given.count, **names, **banks[0]}
    (given.out / "composed.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--objects", type=Path, nargs="+", required=True, help="folders, the best one first")
    parser.add_argument("--grounds", type=Path, nargs="+", required=True, help="folders of photographs")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    return parser


def work(numbers: Sequence[int], given: argparse.Namespace) -> Counts:
    """Write the pictures of those numbers; each depends on the seed and its number alone.

    Returns how many objects each folder has and how many grounds there are.
    """
    warnings.simplefilter("ignore")  # of Pillow, about files that are left out
    objects = [cutouts(folder) for folder in given.objects]
    grounds = [image for folder in given.grounds for image in photographs(folder)]
    if not all(objects) or not grounds:
        raise SystemExit("Each folder of objects must hold a cut-out, and those of grounds a photograph.")
    for number in numbers:
        random = np.random.default_rng((given.seed, number))
        place = given.out / f"{number // 1000:03d}" / f"{number:06d}.jpg"
        place.parent.mkdir(exist_ok=True)
        compose(objects, grounds, random).save(place, quality=int(random.integers(75, 95)))
    return {"n_objects": [len(bank) for bank in objects], "n_grounds": [len(grounds)]}


def cutouts(folder: Path) -> list[Image.Image]:
    """The pictures below `folder` with a transparent ground, cut to what is visible."""
    found = []
    for image in read(folder):
        if image.mode not in ("RGBA", "LA", "P"):
            continue
        image = image.convert("RGBA")
        box = image.getchannel("A").point(lambda alpha: 255 * (alpha > VISIBLE)).getbbox()
        if box is None or min(box[2] - box[0], box[3] - box[1]) < LEAST_OBJECT or plain(image.crop(box)):
            continue
        image = image.crop(box)
        if np.asarray(image.getchannel("A")).mean() > OPAQUE:
            continue
        image.thumbnail((LARGEST_OBJECT, LARGEST_OBJECT))
        found.append(image)
    return found


def photographs(folder: Path) -> list[Image.Image]:
    """The opaque pictures below `folder` that show something."""
    found = []
    for image in read(folder):
        transparent = image.mode in ("RGBA", "LA") and image.getchannel("A").getextrema()[0] < 255
        if min(image.size) < LEAST_GROUND or transparent:
            continue
        image = image.convert("RGB")
        image.thumbnail((LARGEST_GROUND, LARGEST_GROUND))
        if not plain(image.convert("RGBA")):
            found.append(image)
    return found


def read(folder: Path) -> Iterator[Image.Image]:
    """Every picture below `folder`, by name."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in ENDINGS and path.is_file() and not path.is_symlink():
            try:
                with Image.open(path) as image:
                    image.load()
                    yield image
            except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError):
                continue


def plain(image: Image.Image) -> bool:
    """Whether a picture has hardly any colours: a letter, a sign, a diagram."""
    small = np.asarray(image.resize((32, 32)))
    visible = small[small[..., 3] > 128][:, :3] // 16
    return len(np.unique(visible.reshape(-1, 3), axis=0)) < LEAST_COLOURS


def compose(
    objects: Sequence[Sequence[Image.Image]], grounds: Sequence[Image.Image], random: np.random.Generator
) -> Image.Image:
    """One picture, SIDE pixels a side: none to three objects, most of the first kind, on a ground."""
    areas = np.array([image.width * image.height for image in grounds], float) ** 0.5
    picture = ground(grounds[random.choice(len(grounds), p=areas / areas.sum())], random)
    for _ in range(int(random.choice([0, 1, 2, 3], p=[0.1, 0.55, 0.25, 0.1]))):
        first = len(objects) == 1 or random.random() < 0.7
        bank = objects[0 if first else random.integers(1, len(objects))]
        lay(picture, bank[random.integers(len(bank))], random)
    if random.random() < 0.2:
        picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.2)))
    return picture.convert("L").convert("RGB") if random.random() < 0.03 else picture


def ground(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """A random part of a ground, mirrored half of the time, in a light of its own."""
    width, height = image.size
    side = min(width, height) * np.sqrt(random.uniform(0.02, 1.0))
    left, top = random.uniform(0, width - side), random.uniform(0, height - side)
    part = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))
    return lit(part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if random.random() < 0.5 else part, random)


def lay(picture: Image.Image, thing: Image.Image, random: np.random.Generator) -> None:
    """Lay an object over the picture: its size, place, turn and light are chance."""
    side = SIDE * random.uniform(0.3, 1.1)
    scale = side / max(thing.size)
    stretch = np.exp(random.uniform(-0.15, 0.15))
    size = (max(8, round(thing.width * scale * stretch)), max(8, round(thing.height * scale)))
    thing = thing.resize(size, Image.Resampling.BILINEAR)
    if random.random() < 0.5:
        thing = thing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turn = random.uniform(-180, 180) if random.random() < 0.1 else random.normal(0, 10)
    thing = thing.rotate(turn, Image.Resampling.BILINEAR, expand=True)
    alpha = thing.getchannel("A")
    if random.random() < 0.5:
        alpha = alpha.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 1.5)))
    across = random.uniform(-0.2, 1.2) if random.random() < 0.5 else random.normal(0.5, 0.12)
    left = round(across * SIDE - thing.width / 2)
    top = round(random.normal(0.52, 0.15) * SIDE - thing.height / 2)
    picture.paste(lit(thing.convert("RGB"), random), (left, top), alpha)


def lit(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """The image in another light: brightness, contrast and colour changed by up to a third."""
    for kind in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = kind(image).enhance(random.uniform(0.7, 1.3))
    return image


if __name__ == "__main__":
    main()
