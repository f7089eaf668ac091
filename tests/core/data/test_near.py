"""Copies are found in any orientation, size and compression; different pictures are not."""

import io

import numpy as np
import pandas as pd
from PIL import Image

from core.data import hashing, near


def scene(seed: int, size: tuple[int, int] = (240, 180)) -> Image.Image:
    random = np.random.default_rng(seed)
    rough = Image.fromarray(random.integers(0, 255, (9, 12, 3), dtype=np.uint8))
    return rough.resize(size, Image.Resampling.BICUBIC)


def recompressed(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def table(images: list[Image.Image]) -> pd.DataFrame:
    tiles = np.stack([hashing.tile(image) for image in images])
    rows = zip(hashing.dhashes(tiles), tiles, images, strict=True)
    return pd.DataFrame(
        [
            {"sha256": hash(image.tobytes()), "dhash": hashing.to_bytes(h), "tile": t.tobytes()}
            for h, t, image in rows
        ]
    )


def test_copies_of_every_kind_are_found_and_nothing_else() -> None:
    originals = [scene(seed) for seed in range(60)]
    copies = [
        recompressed(originals[0], 40),
        originals[1].resize((120, 90)),
        *[originals[2].transpose(turn) for turn in Image.Transpose],
        originals[3].point(lambda value: int(value * 0.7 + 20)),
    ]
    found = near.pairs(table(originals + copies))
    of_originals = [tuple(pair) for pair in found if pair[0] < 60]
    turned = [(2, 60 + 2 + number) for number in range(len(Image.Transpose))]
    last = 60 + len(copies) - 1
    assert of_originals == sorted([(0, 60), (1, 61), *turned, (3, last)])


def test_the_same_ground_alone_makes_no_pair() -> None:
    """Two products on one white ground agree in the large; their details differ."""
    random = np.random.default_rng(5)
    images = []
    for _ in range(2):
        image = Image.new("RGB", (320, 240), "white")
        image.paste((100, 100, 100), (60, 80, 260, 180))
        detail = Image.fromarray(random.integers(0, 200, (6, 10, 3), dtype=np.uint8)).resize((190, 90))
        image.paste(detail, (65, 85))
        images.append(image)
    tiles = np.stack([hashing.tile(image) for image in images])
    assert near.correlation(tiles[:1], tiles[1:])[0] > 0.85
    assert near.pairs(table(images)).tolist() == []


def test_plain_images_are_copies_only_byte_for_byte() -> None:
    plain = [Image.new("RGB", (64, 64), (grey,) * 3) for grey in (10, 10, 200)]
    frame = table(plain)
    assert near.pairs(frame).tolist() == []
    assert near.clusters(frame).tolist() == [0, 0, 1]


def test_clusters_join_chains_and_exact_copies() -> None:
    a, b = scene(1), scene(2)
    frame = table([a, b, a.transpose(Image.Transpose.ROTATE_90), a, recompressed(a, 50)])
    assert near.clusters(frame).tolist() == [0, 1, 0, 0, 0]


def test_few_images_need_no_search() -> None:
    assert near.clusters(table([scene(1)])).tolist() == [0]
    assert near.pairs(table([scene(1)])).shape == (0, 2)
