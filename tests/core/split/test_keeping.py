"""A division made anew: what judged before goes on judging."""

import numpy as np
from PIL import Image

from core.data import datasets
from core.split import config, keeping, store


def test_a_hand_worked_case():
    paths, groups = ["a", "b", "c", "d", "e"], ["1", "1", "2", "3", "3"]
    subsets = ["train", "train", "validation", "train", "train"]
    earlier = {"a": "test", "d": "train", "e": "validation"}
    # b follows a into the test; c is new; of d and e, which lay apart, both go where one of them judged.
    expected = ["test", "test", "validation", "validation", "validation"]
    assert keeping.keep(paths, groups, subsets, earlier) == expected


def test_a_grown_dataset_keeps_its_division_and_copies_follow_their_originals(workspace, tiny_folder):
    first = store.make("one", datasets.add("tiny", tiny_folder), config.SplitConfig())
    was = dict(zip(first.table["path"], first.table["subset"], strict=True))
    judge = next(path for path, subset in was.items() if subset == "test")
    random = np.random.default_rng(5)
    for number in range(20):
        pixels = random.integers(0, 255, (32, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tiny_folder / "red" / f"new-{number}.png")
    original = Image.open(tiny_folder / judge)
    original.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tiny_folder / "red" / "copy.png")
    grown = datasets.refresh("tiny")
    second = store.make("two", grown, config.SplitConfig(), earlier=was)
    now = dict(zip(second.table["path"], second.table["subset"], strict=True))
    assert {path: now[path] for path in was} == was
    assert now["red/copy.png"] == "test"
    added = [now[f"red/new-{number}.png"] for number in range(20)]
    assert {"train", "validation"} <= set(added) and added.count("train") >= 10
    assert second.straddling["this"] == 0
