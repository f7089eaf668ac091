"""Copies are found in any orientation, size and compression; different pictures are not."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.spatial import cKDTree

from core.data import hashing, near, near_points, near_search


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


def noisy_copies(tiles: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Tiles with noise of any coarseness, so that they correlate by about 0.99 and more, and turned."""
    copies = []
    for tile in tiles.astype(float):
        cells = int(random.choice([4, 8, 32]))
        noise = np.kron(random.normal(size=(cells, cells)), np.ones((32 // cells,) * 2))
        noise *= random.uniform(0.03, 0.14) * tile.std() / noise.std()
        turned = hashing.orientations(np.clip(tile + noise, 0, 255).round().astype(np.uint8)[None])
        copies.append(turned[0, random.integers(8)])
    return np.stack(copies)


def smooth_tiles(n: int, random: np.random.Generator) -> np.ndarray:
    rough = [Image.fromarray(random.integers(0, 255, (5, 5), dtype=np.uint8)) for _ in range(n)]
    return np.stack([np.asarray(one.resize((32, 32), Image.Resampling.BICUBIC)) for one in rough])


def test_points_are_the_same_in_every_orientation_and_never_too_far_apart() -> None:
    random = np.random.default_rng(0)
    tiles = smooth_tiles(40, random)
    turned = hashing.orientations(tiles)
    points = near_points.points(turned.reshape(-1, 32, 32)).reshape(40, 8, -1)
    assert np.abs(points - points[:, :1]).max() < 1e-5
    flat = near_points.unit(turned.reshape(-1, 32, 32)).reshape(40, 8, -1)
    true = np.linalg.norm(flat[:, None, :1] - flat[None], axis=-1).min(axis=2)  # in the best orientation
    found = np.linalg.norm(points[:, None, 0] - points[None, :, 0], axis=-1)
    assert (found <= true + 1e-5).all() and found[~np.eye(40, dtype=bool)].min() > 0.2


def test_the_search_finds_what_comparing_all_with_all_finds() -> None:
    random = np.random.default_rng(1)
    originals = smooth_tiles(4000, random)
    tiles = np.concatenate([originals, noisy_copies(originals[:500], random)])
    assert len(tiles) > near_search.ALL_UP_TO
    points = near_points.points(tiles)
    radius = float(np.sqrt(2 * (1 - near.MIN_CORRELATION)))
    expected = cKDTree(points).query_pairs(radius)
    found = np.concatenate(list(near_search.close_pairs(points, radius)))
    assert {tuple(pair) for pair in found.tolist()} == expected and len(expected) > 400
    assert len(np.unique(found, axis=0)) == len(found)  # each pair once


def test_the_work_grows_far_slower_than_the_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight times the images: comparing all with all would be 64 times the work."""
    mates, compared = near_search._mates, []
    monkeypatch.setattr(
        near_search, "_mates", lambda *rest: (compared.append(len(one[0])) or one for one in mates(*rest))
    )
    work = []
    for n in (2000, 16_000):
        compared.clear()
        points = np.random.default_rng(2).normal(size=(n, 24)).astype(np.float32)
        assert list(near_search.close_pairs(points, 0.5)) == []
        work.append(sum(compared))
    assert work[1] / work[0] < 16


def test_a_crowd_of_copies_is_joined_without_comparing_each_with_each() -> None:
    """1,500 shots of one scene: a million pairs, of which few need a look once they hang together."""
    random = np.random.default_rng(3)
    tiles = np.clip(smooth_tiles(1, random) + random.normal(0, 1, (1500, 32, 32)), 0, 255).astype(np.uint8)
    points, sets = near_points.points(tiles), np.arange(len(tiles))
    proposed = 0
    for pairs in near_search.close_pairs(points, 0.14, sets):
        proposed += len(pairs)
        for first, second in pairs:
            sets[sets == sets[second]] = sets[first]
    assert len(np.unique(sets)) == 1 and proposed < 20 * len(tiles)


def test_few_images_need_no_search() -> None:
    assert near.clusters(table([scene(1)])).tolist() == [0]
    assert near.pairs(table([scene(1)])).shape == (0, 2)
