"""Saved splits: complete, immutable once used, and honest about copies on both sides."""

from pathlib import Path

import pytest
from PIL import Image

from core import runs, upkeep
from core import workspace as workspace_files
from core.data import datasets, drafts
from core.errors import NotFoundError, SplitError
from core.split import dividing, store
from core.split.config import SplitConfig
from core.training import jobs
from core.training.config import TrainingConfig


@pytest.fixture
def with_copies(workspace: Path, tiny_folder: Path) -> datasets.Dataset:
    """The tiny images with a mirrored copy of each red one."""
    for file in sorted((tiny_folder / "red").glob("*.png")):
        with Image.open(file) as image:
            image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(file.with_name(f"copy_{file.name}"))
    return datasets.add("tiny", tiny_folder)


def test_a_saved_split_reads_back_the_same(with_copies: datasets.Dataset) -> None:
    made = store.make("s", with_copies, SplitConfig(seed=5))
    read = store.load("s")
    assert read.table.equals(made.table) and read.config == made.config and read.counts() == made.counts()
    assert list(read.table) == ["path", "label", "group", "sha256", "subset"]
    assert sum(sum(counts.values()) for counts in read.counts().values()) == len(with_copies.table)
    assert store.names() == ["s"] == store.names(dataset="tiny") and store.names(dataset="other") == []


def test_copies_stay_on_one_side_by_default_and_a_random_split_tears_them(
    with_copies: datasets.Dataset,
) -> None:
    grouped = store.make("s", with_copies, SplitConfig())
    subset = grouped.table.set_index("path")["subset"]
    assert all(subset[f"red/{n:02d}.png"] == subset[f"red/copy_{n:02d}.png"] for n in range(12))
    assert grouped.straddling["this"] == 0 < grouped.straddling["random"]
    assert grouped.groups() == {"groups": 12, "images": 24, "largest": 2}
    loose = store.make("loose", with_copies, SplitConfig(group_by="none"))
    assert loose.straddling["this"] == loose.straddling["random"] == grouped.straddling["random"]


def test_straddling_counts_images_by_hand() -> None:
    copies = ["a", "a", "b", "b", "b", "c"]
    assert dividing.straddling(copies, ["train", "test", "train", "train", "train", "test"]) == 2


def test_a_split_that_a_run_uses_stays_as_it_is(with_copies: datasets.Dataset) -> None:
    made = store.make("s", with_copies, SplitConfig())
    store.make("s", with_copies, SplitConfig(seed=1))
    runs.create({"dataset": "tiny", "split": "s"}, made.table.assign(class_index=0))
    with pytest.raises(SplitError, match="used by 1 run and stays"):
        store.make("s", with_copies, SplitConfig(seed=2))
    with pytest.raises(SplitError, match="Delete those first"):
        store.delete("s")
    assert store.load("s").config.seed == 1


def test_a_run_of_a_deleted_dataset_does_not_bind_a_new_split_of_the_same_name(
    with_copies: datasets.Dataset, tiny_folder: Path
) -> None:
    store.make("s", with_copies, SplitConfig())
    run = jobs.prepare(TrainingConfig(dataset="tiny", split="s"))
    assert store.used_by("s") == [run.id]
    upkeep.delete_dataset("tiny")
    for name in ("other", "tiny"):  # also where the dataset has the name of the deleted one
        fresh = datasets.add(name, tiny_folder)
        store.make("s", fresh, SplitConfig())
        assert store.used_by("s") == []
        store.make("s", fresh, SplitConfig(seed=2))
        assert store.load("s").config.seed == 2
        store.delete("s")


def test_another_datasets_split_is_not_replaced(with_copies: datasets.Dataset, tiny_folder: Path) -> None:
    store.make("same", with_copies, SplitConfig())
    other = datasets.add("other", tiny_folder)
    with pytest.raises(SplitError, match="already a split 'same', of dataset 'tiny'"):
        store.make("same", other, SplitConfig())
    assert store.load("same").dataset == "tiny" and store.names("other") == []


def test_subsets_from_folders_carry_what_is_to_be_known_of_them(workspace: Path, tiny_folder: Path) -> None:
    rows = [
        f"{label}/{number:02d}.png,{'test' if number < 3 and label != 'red' else 'train'}"
        for label in ("red", "green", "blue")
        for number in range(12)
    ]
    (tiny_folder / "subsets.csv").write_text("file_name,subset\n" + "\n".join(rows))
    made = store.make("s", datasets.add("tiny", tiny_folder), SplitConfig(from_folders=True))
    expected = ["Class 'red' has no test images: the final grade says nothing of them."]
    assert made.notes == store.load("s").notes == expected


def test_an_unused_split_can_be_deleted(with_copies: datasets.Dataset) -> None:
    store.make("s", with_copies, SplitConfig())
    store.delete("s")
    with pytest.raises(NotFoundError, match="There are: none yet"):
        store.load("s")


def test_edits_make_a_split_outdated(with_copies: datasets.Dataset) -> None:
    split = store.make("s", with_copies, SplitConfig())
    assert store.current(split)
    drafts.exclude("tiny", ["red/00.png"])
    assert not store.current(split)


def test_an_edit_that_was_taken_back_leaves_a_split_current(with_copies: datasets.Dataset) -> None:
    store.make("s", with_copies, SplitConfig())
    for make in (
        lambda: drafts.exclude("tiny", ["red/00.png"]),
        lambda: drafts.relabel("tiny", ["red/01.png"], "blue"),
        lambda: drafts.rename_class("tiny", "red", "scarlet"),
    ):
        edit = make()
        assert not store.current(store.load("s"))
        drafts.undo("tiny", edit["id"])
        assert store.current(store.load("s"))


def test_an_older_split_without_a_fingerprint_goes_by_the_version(with_copies: datasets.Dataset) -> None:
    store.make("s", with_copies, SplitConfig())
    file = workspace_files.split_file("s", ".json")
    record = workspace_files.read_json(file)
    workspace_files.write_json(file, {key: record[key] for key in record if key != "content"})
    assert store.current(store.load("s"))
    drafts.undo("tiny", drafts.exclude("tiny", ["red/00.png"])["id"])
    assert not store.current(store.load("s"))


def test_names_cannot_leave_the_workspace(with_copies: datasets.Dataset) -> None:
    with pytest.raises(Exception, match="cannot name a split"):
        store.make("../s", with_copies, SplitConfig())
