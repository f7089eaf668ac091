"""Subsets are stratified, keep groups together, and are the same on any machine."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import SplitError
from core.split import assign, coverage, folders, grouping
from core.split.config import SplitConfig, shares_of

SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}


def divided(
    labels: list[str], groups: list[str] | None = None, seed: int = 0, shares: dict = SHARES
) -> list[str]:
    paths = [f"{label}/{number:04d}.png" for number, label in enumerate(labels)]
    return assign.assign(paths, labels, groups or paths, shares, seed)


def test_every_class_is_divided_by_the_shares() -> None:
    labels = ["a"] * 100 + ["b"] * 40 + ["c"] * 20
    counts = Counter(zip(labels, divided(labels), strict=True))
    assert [counts["a", subset] for subset in SHARES] == [70, 15, 15]
    assert [counts["b", subset] for subset in SHARES] == [28, 6, 6]
    assert [counts["c", subset] for subset in SHARES] == [14, 3, 3]


def test_the_smallest_classes_still_reach_every_subset() -> None:
    labels = ["a"] * 50 + ["b"] * 3 + ["c"] * 4
    counts = Counter(zip(labels, divided(labels), strict=True))
    assert all(counts[label, subset] >= 1 for label in "abc" for subset in SHARES)


def test_no_test_share_leaves_test_empty() -> None:
    found = divided(["a"] * 10 + ["b"] * 10, shares={"train": 0.8, "validation": 0.2, "test": 0.0})
    assert Counter(found) == {"train": 16, "validation": 4}


def test_known_answer_for_a_seed() -> None:
    """Pinned: any change of this answer breaks the promise of the same split on any machine."""
    labels = ["a"] * 7 + ["b"] * 7
    letters = "".join({"train": "t", "validation": "v", "test": "x"}[one] for one in divided(labels, seed=3))
    assert letters == "vxtttttttttvtx"


def test_seeds_differ_and_row_order_does_not_matter() -> None:
    labels = ["a"] * 60 + ["b"] * 60
    paths = [f"{number:04d}.png" for number in range(120)]
    first = dict(zip(paths, assign.assign(paths, labels, paths, SHARES, 1), strict=True))
    order = np.random.default_rng(0).permutation(120)
    shuffled = [paths[number] for number in order]
    second = assign.assign(shuffled, [labels[number] for number in order], shuffled, SHARES, 1)
    assert dict(zip(shuffled, second, strict=True)) == first
    assert dict(zip(paths, assign.assign(paths, labels, paths, SHARES, 2), strict=True)) != first


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=12, max_size=60),
    mixed=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_groups_are_never_torn_and_no_subset_lacks_a_class(sizes: list[int], mixed: bool, seed: int) -> None:
    labels, groups = [], []
    for number, size in enumerate(sizes):
        for member in range(size):
            labels.append("abc"[(number + (member if mixed and number % 5 == 0 else 0)) % 3])
            groups.append(f"g{number}")
    subsets = divided(labels, groups, seed)
    frame = pd.DataFrame({"label": labels, "group": groups, "subset": subsets})
    assert frame.groupby("group")["subset"].nunique().max() == 1
    assert (frame.groupby("label")["subset"].nunique() == 3).all()


def test_with_groups_the_sizes_come_as_near_as_whole_groups_allow() -> None:
    labels = ["a"] * 200 + ["b"] * 200
    groups = [f"{label}{number // 5}" for number, label in enumerate(labels)]  # 40 groups of 5 per class
    counts = Counter(zip(labels, divided(labels, groups), strict=True))
    assert all(
        abs(counts[label, subset] - share * 200) <= 5 for label in "ab" for subset, share in SHARES.items()
    )


@pytest.mark.parametrize(
    ("n_classes", "each", "shares"),
    [
        (100, 10, SHARES),
        (50, 11, SHARES),
        (100, 12, SHARES),
        (30, 20, {"train": 0.63, "validation": 0.21, "test": 0.16}),
        (400, 7, {"train": 0.75, "validation": 0.25}),
        (60, 9, {"train": 0.6, "validation": 0.2, "test": 0.2}),
    ],
)
def test_many_small_classes_still_add_up_to_the_sizes_that_were_asked_for(
    n_classes: int, each: int, shares: dict[str, float]
) -> None:
    """Totals within 1 % of the images; and each class within one image of its share, as rounding allows."""
    labels = [f"c{number // each:03d}" for number in range(n_classes * each)]
    found = divided(labels, shares=shares)
    totals, counts = Counter(found), Counter(zip(labels, found, strict=True))
    for subset, share in shares.items():
        assert abs(totals[subset] - share * len(labels)) <= 0.01 * len(labels)
        assert all(abs(counts[label, subset] - share * each) < 1 for label in set(labels))


def test_totals_never_cost_a_class_its_exact_share() -> None:
    """Thirty classes of 3 images can only be 1, 1, 1; the large one is not bent to make up for them."""
    labels = ["large"] * 1000 + [f"c{number // 3:02d}" for number in range(90)]
    counts = Counter(zip(labels, divided(labels), strict=True))
    assert [counts["large", subset] for subset in SHARES] == [700, 150, 150]


def test_groups_of_several_images_come_near_the_totals_too() -> None:
    labels = [f"c{number // 30:02d}" for number in range(40 * 30)]
    groups = [f"g{number // 3}" for number in range(len(labels))]  # ten groups of three in each of 40 classes
    found = divided(labels, groups)
    totals = Counter(found)
    assert all(abs(totals[subset] - share * 1200) <= 12 for subset, share in SHARES.items())
    frame = pd.DataFrame({"group": groups, "subset": found})
    assert frame.groupby("group")["subset"].nunique().max() == 1


def test_too_few_images_groups_or_classes_are_named() -> None:
    with pytest.raises(SplitError, match=r"'b' has 2 usable images; .* at least 3"):
        divided(["a"] * 9 + ["b"] * 2)
    with pytest.raises(SplitError, match="'b' has 8 images in 2 groups"):
        divided(["a"] * 9 + ["b"] * 8, [f"g{number}" for number in range(9)] + ["x"] * 4 + ["y"] * 4)
    with pytest.raises(SplitError, match="at least 2 classes; found a"):
        divided(["a"] * 9)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"train": 0.7, "validation": 0.2, "test": 0.2}, "add up to 1.1"),
        ({"train": 1.0, "validation": 0.0, "test": 0.0}, "Train and validation"),
        ({"train": 1.2, "validation": -0.2, "test": 0.0}, "between 0 and 1"),
        ({"seed": -1}, "seed"),
        ({"group_by": "colour"}, "cannot be grouped by 'colour'"),
        ({"group_by": "column:"}, "cannot be grouped"),
        ({"group_by": "pattern:("}, "no regular expression"),
    ],
)
def test_a_wrong_configuration_is_refused(values: dict, words: str) -> None:
    with pytest.raises(SplitError, match=words):
        SplitConfig(**values)


def test_a_configuration_survives_json() -> None:
    config = SplitConfig(train=0.8, validation=0.2, test=0.0, seed=7, group_by="pattern:(\\d+)")
    assert SplitConfig.from_dict(config.to_dict()) == config


TABLE = pd.DataFrame(
    {
        "path": ["a/p1_0.png", "a/p1_1.png", "b/p2_0.png", "b/x.png"],
        "group": ["g", None, "g", None],
        "column:camera": ["c1", "c2", "c1", None],
        "cluster": [0, 1, 0, 2],
    }
)


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        ("none", [0, 1, 2, 3]),
        ("parent", [0, 0, 2, 2]),
        ("near-duplicates", [0, 1, 0, 3]),
        ("column:group", [0, 1, 0, 3]),
        ("column:camera", [0, 1, 0, 3]),
        (r"pattern:p\d", [0, 0, 2, 3]),
        (r"pattern:_(\d)", [0, 1, 0, 3]),
    ],
)
def test_groups_of_every_kind(group_by: str, expected: list[int]) -> None:
    names = grouping.groups(TABLE, group_by)
    assert [names.index(name) for name in names] == expected


def test_unknown_columns_and_idle_patterns_are_refused() -> None:
    with pytest.raises(SplitError, match="its columns: group, camera"):
        grouping.groups(TABLE, "column:patient")
    with pytest.raises(SplitError, match="matches none of the 4 paths"):
        grouping.groups(TABLE, "pattern:zzz")


def test_a_class_without_train_images_is_refused_and_one_that_cannot_be_judged_is_named() -> None:
    named = ["train"] * 8 + ["validation"] * 2 + ["test"] * 2
    labels, paths = ["a", "b"] * 6 + ["c"] * 4, [f"{number}.png" for number in range(16)]
    config = SplitConfig(from_folders=True)
    with pytest.raises(SplitError, match=r"Class 'c' has no train images.*the 4 images of 'c' are in test"):
        folders.assign(paths, labels, paths, [*named, *["test"] * 4], config)
    # without validation folders, too, where validation is carved out of train
    bare = ["train" if one == "validation" else one for one in named]
    with pytest.raises(SplitError, match="Class 'c' has no train images"):
        folders.assign(paths, labels, paths, [*bare, *["test"] * 4], config)
    found = folders.assign(paths, labels, paths, [*named, *["train"] * 4], config)
    assert coverage.check(labels, found) == [
        "Class 'c' has no validation images: they have no say in which epoch is the best.",
        "Class 'c' has no test images: the final grade says nothing of them.",
    ]
    assert coverage.check(["a", "b"] * 2, ["train", "train", "validation", "validation"]) == []


def test_long_lists_of_classes_are_cut_short() -> None:
    assert coverage.listed(list("abcdefg")) == "Classes 'a', 'b', 'c', 'd', 'e' and 2 more have"


def from_folders(named: list[str | None]) -> list[str]:
    paths = [f"{number}.png" for number in range(len(named))]
    labels = ["ab"[number % 2] for number in range(len(named))]
    return folders.assign(paths, labels, paths, named, SplitConfig(from_folders=True))


def test_named_subsets_are_taken_as_they_are() -> None:
    named = ["train"] * 6 + ["validation"] * 2 + ["test"] * 2
    assert from_folders(named) == named


def test_missing_validation_is_carved_out_of_train() -> None:
    found = Counter(from_folders(["train"] * 40 + ["test"] * 10))
    assert found["test"] == 10 and found["validation"] == pytest.approx(40 * 0.15 / 0.85, abs=2)


def test_sources_without_subsets_are_refused() -> None:
    with pytest.raises(SplitError, match="names no subsets"):
        from_folders([None] * 8)
    with pytest.raises(SplitError, match=r"1 of 9 images have no subset, the first '8\.png'"):
        from_folders(["train"] * 8 + [None])
    with pytest.raises(SplitError, match="no train images"):
        from_folders(["test"] * 8)


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["a/p1_1.jpg", "a/p1_2.jpg", "b/p2_1.jpg", "a/p3_1.jpg"], ["p1", "p1", "p2", "p3"]),
        (["a/x-7-1.png", "a/x-7-2.png", "a/x-8-1.png", "b/x-9-1.png"], ["x-7", "x-7", "x-8", "x-9"]),
        (["cat12a.jpg", "cat12b.jpg", "cat13a.jpg"], ["cat12", "cat12", "cat13"]),
    ],
)
def test_a_pattern_is_proposed_that_fits_the_names(paths: list[str], found: list[str]) -> None:
    pattern = grouping.pattern_for(paths)
    assert [grouping.group_of(path, pattern) for path in paths] == found


def test_no_pattern_is_proposed_where_names_say_nothing_beyond_the_class() -> None:
    assert grouping.pattern_for(["cat/0.jpg", "cat/1.jpg", "dog/0.jpg"]) == ""
    assert grouping.pattern_for(["cat/cat_0.jpg", "cat/cat_1.jpg", "dog/dog_0.jpg", "dog/dog_1.jpg"]) == ""
    assert grouping.group_of("cat/0.jpg", "(") is None


def test_percentages_become_shares_or_a_sentence_in_percent() -> None:
    assert shares_of(train=70, validation=15, test=15) == {
        "train": 0.7,
        "validation": 0.15,
        "test": 0.15,
    }
    with pytest.raises(SplitError, match=r"70 \+ 15 \+ 30 make 115 %.* one of them 15 less"):
        shares_of(train=70, validation=15, test=30)
