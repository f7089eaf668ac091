"""The check finds planted trouble, and only that."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.data import checks, crops, datasets, drafts, extremes, hashing, near, shortcuts, suspects
from core.errors import DatasetError


def scene(seed: int, size: tuple[int, int] = (240, 180)) -> Image.Image:
    random = np.random.default_rng(seed)
    rough = Image.fromarray(random.integers(0, 255, (9, 12, 3), dtype=np.uint8))
    return rough.resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def troubled(workspace: Path, tmp_path: Path) -> datasets.Dataset:
    """Two classes of 12 scenes, dogs in grey; planted copies, a conflict, a dark and a torn image."""
    root = tmp_path / "pets"
    for number, label in enumerate(["cat", "dog"]):
        (root / label).mkdir(parents=True)
        for seed in range(12):
            image = scene(100 * number + seed)
            (image if label == "cat" else image.convert("L")).save(root / label / f"{seed:02d}.png")
    scene(0).save(root / "cat" / "exact.png")
    scene(1).resize((120, 90)).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(root / "cat" / "near.jpg")
    scene(2).convert("L").rotate(90, expand=True).save(root / "dog" / "conflict.png")
    scene(50).point(lambda value: value // 8).save(root / "cat" / "dark.png")
    (root / "dog" / "torn.png").write_bytes((root / "dog" / "00.png").read_bytes()[:200])
    return datasets.add("pets", root)


def test_every_planted_trouble_is_found(troubled: datasets.Dataset) -> None:
    report = checks.check(troubled)
    assert [one["path"] for one in report.unreadable] == ["dog/torn.png"]
    assert report.exact_duplicates == [["cat/00.png", "cat/exact.png"]]
    assert report.near_duplicates == [["cat/01.png", "cat/near.jpg"], ["cat/02.png", "dog/conflict.png"]]
    assert report.label_conflicts == [["cat/02.png", "dog/conflict.png"]]
    assert [(one["path"], one["reason"]) for one in report.extremes] == [("cat/dark.png", "very dark")]
    assert (report.largest_class, report.largest_class_share) == ("cat", pytest.approx(15 / 28))
    grey = [one for one in report.shortcuts if one["feature"] == "greyscale"]
    assert {one["class"] for one in grey} == {"cat", "dog"}
    assert all(one["balanced_accuracy"] > 0.95 and one["chance"] == 0.5 for one in grey)
    assert "greyscale alone tells 'dog' from the rest" in shortcuts.in_words(grey[1])


def test_the_report_follows_what_is_set_aside(troubled: datasets.Dataset) -> None:
    assert len(checks.check(troubled).unreadable) == 1
    (troubled.root / "cat" / "new.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    again = datasets.refresh("pets")
    assert again.version == troubled.version + 1
    assert [one["path"] for one in checks.check(again).unreadable] == ["cat/new.png", "dog/torn.png"]


def test_without_images_the_check_says_so(troubled: datasets.Dataset) -> None:
    paths = troubled.table["path"].tolist()
    drafts.exclude("pets", paths[1:])
    (troubled.root / paths[0]).unlink()
    left = datasets.refresh("pets")
    assert left.table.empty
    with pytest.raises(DatasetError, match=r"No usable image is left in 'pets': 27 were left out .* 1 files"):
        checks.check(left)


def test_the_report_is_kept_until_the_dataset_changes(
    troubled: datasets.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = checks.check(troubled)
    calls = []
    examine = checks.examine
    monkeypatch.setattr(checks, "examine", lambda *rest: calls.append(1) or examine(*rest))
    assert checks.check(datasets.load("pets")) == first and calls == []
    drafts.exclude("pets", ["cat/exact.png"])
    assert checks.check(datasets.load("pets")).exact_duplicates == [] and calls == [1]


def test_a_dataset_of_plain_noise_has_no_shortcut() -> None:
    random = np.random.default_rng(0)
    n = 200
    table = pd.DataFrame(
        {name: random.normal(100, 10, n) for name in ("brightness", "contrast", "sharpness", "colourfulness")}
        | {name: random.normal(100, 10, n) for name in ("border_brightness", "border_contrast", "bytes")}
        | {"width": 100, "height": 80, "mode": "RGB", "format": "PNG", "exif": False}
        | {"label": random.permutation(["a", "b"] * (n // 2))}
    )
    assert shortcuts.find(table) == []
    found = shortcuts.find(table.assign(bytes=np.where(table["label"] == "a", 50.0, 150.0)))
    assert {(one["class"], one["feature"]) for one in found} >= {("a", "file size"), ("b", "file size")}
    assert found[0]["balanced_accuracy"] == 1.0


def test_what_holds_for_most_images_is_no_exception() -> None:
    table = pd.DataFrame({"path": list("abcd"), "width": [28, 28, 28, 200], "height": [28, 28, 28, 200]})
    table = table.assign(
        contrast=50.0, brightness=[10.0, 10.0, 120.0, 250.0], sharpness=[9.0, 9.0, 0.01, 9.0]
    )
    found = [(one["path"], one["reason"]) for one in extremes.find(table)]
    assert found == [("a", "very dark"), ("b", "very dark"), ("d", "very bright"), ("c", "very blurred")]


def tiles(images: list[Image.Image]) -> np.ndarray:
    return np.stack([hashing.tile(image) for image in images])


def test_crops_shifts_and_small_turns_are_aligned_and_other_pictures_are_not() -> None:
    originals = [scene(seed, (320, 240)) for seed in range(24)]
    cropped = [image.crop((16, 12, 304, 228)) for image in originals]
    mirrored = [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in cropped]
    turned = [image.rotate(4).crop((24, 18, 296, 222)) for image in originals]
    for changed in (cropped, mirrored, turned):
        assert near.correlation(tiles(originals), tiles(changed)).mean() < 0.9
        assert crops.aligned(tiles(originals), tiles(changed)).mean() >= 0.9
        assert crops.aligned(tiles(changed), tiles(originals)).mean() >= 0.9
    assert not crops.aligned(tiles(originals[1:]), tiles(cropped[:-1])).any()


def test_clusters_with_features_join_what_hashes_left_apart() -> None:
    images = [scene(1, (320, 240)), scene(2), scene(1, (320, 240)).crop((16, 12, 304, 228))]
    table = pd.DataFrame({"tile": [tile.tobytes() for tile in tiles(images)], "cluster": [0, 1, 2]})
    features = np.array([[1.0, 0.0], [0.0, 1.0], [0.9, 0.1]])
    assert crops.clusters(table, features).tolist() == [0, 1, 0]
    assert crops.clusters(table, np.eye(3)).tolist() == [0, 1, 2]  # nothing proposed


def two_blobs(n: int = 120) -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(1)
    labels = np.array(["a", "b"] * (n // 2))
    features = random.normal(0, 0.3, (n, 40))
    features[labels == "b", :8] += 1
    paths = [f"{number:02d}" for number in range(n)]
    return pd.DataFrame({"path": paths, "label": labels, "cluster": np.arange(n)}), features


def test_suspects_are_planted_label_errors_and_most_of_them() -> None:
    table, features = two_blobs()
    wrong = [4, 11, 30, 47, 62, 75, 88, 101]
    table.loc[wrong, "label"] = ["ab"[(row + 1) % 2] for row in wrong]
    found = suspects.find(table, features)
    assert {one["path"] for one in found} <= {f"{row:02d}" for row in wrong} and len(found) >= 5
    assert all(one["label"] != one["suggested"] for one in found)
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)


def test_a_mislabelled_pair_of_copies_does_not_vouch_for_itself() -> None:
    table, features = two_blobs()
    features[2] = features[0]
    table.loc[[0, 2], ["label", "cluster"]] = [["b", 0], ["b", 0]]
    probabilities, classes = suspects.out_of_fold(table, features)
    assert classes == ["a", "b"] and (probabilities[[0, 2], 1] < 0.5).all()


def test_confident_learning_by_hand() -> None:
    """Thresholds: a 1.8 / 3 = 0.6, b 1.3 / 2 = 0.65. Only the third image clears another class's."""
    table = pd.DataFrame({"path": list("12345"), "label": ["a", "a", "a", "b", "b"]})
    own = np.array([0.9, 0.8, 0.1, 0.3, 0.4])
    found = suspects.ranked(table, np.stack([own, 1 - own], axis=1), ["a", "b"])
    assert found == [{"path": "3", "label": "a", "suggested": "b", "score": pytest.approx(0.8)}]


def test_suspects_need_two_classes() -> None:
    table, features = two_blobs()
    with pytest.raises(DatasetError, match="at least 2 classes"):
        suspects.find(table.assign(label="a"), features)


def test_suspects_are_kept_and_read_back(tmp_path: Path) -> None:
    assert suspects.kept(tmp_path) is None
    table, features = two_blobs()
    found = suspects.find(table.assign(label=["b", *table["label"][1:]]), features)
    suspects.keep(tmp_path, found, "resnet18 with starter weights")
    assert suspects.kept(tmp_path) == (found, "resnet18 with starter weights")


def test_a_shortcut_is_told_without_false_precision() -> None:
    one = {"class": "dog", "feature": "file size", "balanced_accuracy": 0.9731, "chance": 0.5}
    one |= {"kind": "median", "values": {"class": 48211.0, "rest": 0.9731}}
    assert shortcuts.in_words(one) == (
        "file size alone tells 'dog' from the rest with 97 % balanced accuracy (chance 50 %): its median is "
        "48,200 there and 0.973 elsewhere."
    )


def test_a_class_that_is_one_picture_over_and_over_is_not_accused() -> None:
    table, features = two_blobs()
    table.loc[table.index[-6:], ["label", "cluster"]] = [["burst", 500]] * 6
    features[-6:] += 5
    assert not {one["label"] for one in suspects.find(table, features)} & {"burst"}
    probabilities, classes = suspects.out_of_fold(table, features)
    assert np.isnan(probabilities[-6:]).all() and not np.isnan(probabilities[:-6]).any()
    assert (probabilities[:-6, classes.index("burst")] == 0).all()


def test_two_sets_of_copies_have_nothing_to_be_judged_by() -> None:
    table, features = two_blobs()
    table["cluster"] = (table["label"] == "a").astype(int)
    with pytest.raises(DatasetError, match="no copies of one another; that is so for 0 of 2"):
        suspects.find(table, features)
