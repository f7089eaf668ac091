"""Every shape in which people keep labelled images."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.data import labelling, sources
from core.errors import DatasetError


def picture(file: Path, seed: int = 0) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 24, 3), dtype=np.uint8)
    kind = "PNG" if file.suffix.lower() not in (".jpg", ".jpeg") else "JPEG"
    Image.fromarray(pixels).save(file, kind)


def labels(listing: labelling.Listing) -> dict[str, str]:
    return dict(zip(listing.table["path"], listing.table["label"], strict=True))


def subsets(listing: labelling.Listing) -> dict[str, str]:
    return dict(zip(listing.table["path"], listing.table["subset"], strict=True))


def test_class_folders(tmp_path: Path) -> None:
    for path in ["cat/1.png", "cat/deep/2.png", "dog/1.png"]:
        picture(tmp_path / path)
    listing = sources.read(tmp_path)
    assert labels(listing) == {"cat/1.png": "cat", "cat/deep/2.png": "cat", "dog/1.png": "dog"}
    assert listing.shape == "class folders" and listing.set_aside == []


def test_a_folder_that_only_wraps_is_looked_through(tmp_path: Path) -> None:
    for path in ["a/b/cat/1.png", "a/b/dog/1.png"]:
        picture(tmp_path / path)
    listing = sources.read(tmp_path)
    assert listing.root == tmp_path / "a" / "b" and set(labels(listing)) == {"cat/1.png", "dog/1.png"}


def test_litter_and_papers_are_passed_over_and_loose_images_set_aside(tmp_path: Path) -> None:
    for path in ["cat/1.png", "dog/1.png", "loose.png", ".hidden/3.png", "__MACOSX/cat/._1.png"]:
        picture(tmp_path / path)
    (tmp_path / "cat" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "README.md").write_text("about")
    listing = sources.read(tmp_path)
    assert set(labels(listing)) == {"cat/1.png", "dog/1.png"}
    assert [path for path, _ in listing.set_aside] == ["loose.png"] and "no class" in listing.set_aside[0][1]
    assert listing.ignored >= 4


@pytest.mark.parametrize("name", ["valid", "validation", "val", "eval", "Valid"])
def test_subset_folders_under_their_usual_names(tmp_path: Path, name: str) -> None:
    for path in [
        "train/cat/1.png",
        "train/dog/1.png",
        f"{name}/cat/2.png",
        "test/dog/3.png",
        "odd/cat/4.png",
    ]:
        picture(tmp_path / path)
    listing = sources.read(tmp_path)
    assert subsets(listing) == {
        "train/cat/1.png": "train",
        "train/dog/1.png": "train",
        f"{name}/cat/2.png": "validation",
        "test/dog/3.png": "test",
    }
    assert labels(listing)["test/dog/3.png"] == "dog"
    assert listing.set_aside == [("odd/cat/4.png", "lies outside the train, validation and test folders")]


def write_table(file: Path, rows: pd.DataFrame) -> None:
    if file.suffix == ".parquet":
        rows.to_parquet(file)
    elif file.suffix == ".jsonl":
        file.write_text("\n".join(json.dumps(row) for row in rows.to_dict("records")))
    else:
        rows.to_csv(file, sep="\t" if file.suffix == ".tsv" else ",", index=False)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize(("file", "label"), [("file_name", "label"), ("Path", "class"), ("image", "target")])
def test_images_with_a_table(tmp_path: Path, ending: str, file: str, label: str) -> None:
    for number in range(4):
        picture(tmp_path / "images" / f"{number}.png")
    rows = pd.DataFrame(
        {
            file: [
                "images/0.png",
                "1.png",
                "2",
                "images/9.png",
            ],  # by path, by name, without ending, not there
            label: ["cat", "dog", "cat", "dog"],
            "group": ["a", "b", "b", "c"],
            "subset": ["train", "val", "test", "train"],
            "camera": ["x", "y", "x", "y"],
        }
    )
    write_table(tmp_path / f"labels{ending}", rows)
    listing = sources.read(tmp_path)
    assert labels(listing) == {"images/0.png": "cat", "images/1.png": "dog", "images/2.png": "cat"}
    assert listing.table["group"].tolist() == ["a", "b", "b"]
    assert listing.table["subset"].tolist() == ["train", "validation", "test"]
    assert listing.table["column:camera"].tolist() == ["x", "y", "x"]
    reasons = dict(listing.set_aside)
    assert "not listed" in reasons["images/3.png"] and "no such file" in reasons["images/9.png"]


def test_hugging_face_metadata_beside_the_images_of_each_subset(tmp_path: Path) -> None:
    for subset in ["train", "test"]:
        for number in range(2):
            picture(tmp_path / subset / f"{number}.png")
        rows = pd.DataFrame({"file_name": ["0.png", "1.png"], "label": ["cat", "dog"]})
        rows.to_csv(tmp_path / subset / "metadata.csv", index=False)
    listing = sources.read(tmp_path)
    assert labels(listing) == {
        "test/0.png": "cat",
        "test/1.png": "dog",
        "train/0.png": "cat",
        "train/1.png": "dog",
    }
    assert subsets(listing)["test/0.png"] == "test" and listing.shape == "a table"


def test_a_table_that_agrees_with_the_folders_only_adds_columns(tmp_path: Path) -> None:
    for path in ["cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png"]:
        picture(tmp_path / path)
    rows = pd.DataFrame({"file": ["cat/1.png", "dog/1.png"], "class": ["cat", "dog"], "patient": ["p", "q"]})
    rows.to_csv(tmp_path / "manifest.csv", index=False)
    listing = sources.read(tmp_path)
    assert len(listing.table) == 4 and listing.shape == "class folders"
    assert listing.table["column:patient"].tolist() == ["p", None, "q", None]


def test_a_table_without_labels_groups_the_class_folders(tmp_path: Path) -> None:
    for path in ["cat/1.png", "dog/1.png"]:
        picture(tmp_path / path)
    pd.DataFrame({"path": ["cat/1.png"], "group": ["g"]}).to_csv(tmp_path / "groups.csv", index=False)
    assert sources.read(tmp_path).table["group"].tolist() == ["g", None]


def test_contradicting_and_missing_labels_are_set_aside(tmp_path: Path) -> None:
    for number in range(3):
        picture(tmp_path / f"{number}.png")
    rows = pd.DataFrame({"file": ["0.png", "0.png", "1.png", "2.png"], "label": ["a", "b", "", "b"]})
    rows.to_csv(tmp_path / "labels.csv", index=False)
    listing = sources.read(tmp_path)
    assert labels(listing) == {"2.png": "b"}
    reasons = dict(listing.set_aside)
    assert "different labels" in reasons["0.png"] and "no label" in reasons["1.png"]


def test_a_table_cannot_reach_outside_its_folder(tmp_path: Path) -> None:
    picture(tmp_path / "secret.png")
    picture(tmp_path / "set" / "a.png")
    rows = pd.DataFrame(
        {"file": ["../secret.png", str(tmp_path / "secret.png"), "a.png"], "label": list("xyz")}
    )
    rows.to_csv(tmp_path / "set" / "labels.csv", index=False)
    assert labels(sources.read(tmp_path / "set")) == {"a.png": "z"}


def test_links_are_followed_but_not_in_circles_and_dead_ones_are_named(tmp_path: Path) -> None:
    picture(tmp_path / "else" / "1.png")
    for path in ["set/cat/1.png", "set/dog/1.png"]:
        picture(tmp_path / path)
    (tmp_path / "set" / "bird").symlink_to(tmp_path / "else")
    (tmp_path / "set" / "cat" / "round").symlink_to(tmp_path / "set")
    (tmp_path / "set" / "cat" / "dead.png").symlink_to(tmp_path / "nowhere.png")
    listing = sources.read(tmp_path / "set")
    assert labels(listing)["bird/1.png"] == "bird"
    reasons = dict(listing.set_aside)
    assert "no longer there" in reasons["cat/dead.png"] and "lies in" in reasons["cat/round"]


def test_names_in_any_script_and_of_any_length(tmp_path: Path) -> None:
    names = ["猫/ねこ.png", "пёс/собака.PNG", "cafe\u0301/1.png", f"cat/{'x' * 200}.JPEG"]
    for name in names:
        picture(tmp_path / name)
    assert set(labels(sources.read(tmp_path)).values()) == {"猫", "пёс", "caf\u00e9", "cat"}


def test_a_name_that_is_no_text_is_set_aside(tmp_path: Path) -> None:
    picture(tmp_path / "cat" / "1.png")
    picture(tmp_path / "dog" / "1.png")
    with open(bytes(tmp_path / "cat") + b"/\xff\xfe.png", "wb") as file:
        file.write(b"x")
    listing = sources.read(tmp_path)
    assert len(listing.table) == 2 and "not valid text" in listing.set_aside[0][1]


def test_what_cannot_be_read_says_what_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no folder"):
        sources.read(tmp_path / "gone")
    with pytest.raises(DatasetError, match="one subfolder per class"):
        sources.read(tmp_path)
    picture(tmp_path / "1.png")
    with pytest.raises(DatasetError, match=r"1 images lie there without a class.*1\.png"):
        sources.read(tmp_path)


def test_class_folders_without_a_file_are_named(tmp_path: Path) -> None:
    for path in ["cat/1.png", "dog/deep/1.png"]:
        picture(tmp_path / "in" / path)
    for path in ["owl/inside", "bee", "dog/none", ".hidden"]:
        (tmp_path / "in" / path).mkdir(parents=True)
    listing = sources.read(tmp_path)
    assert listing.notes == ["The folders bee, owl hold no images, so there are no such classes."]
    assert labels(listing) == {"cat/1.png": "cat", "dog/deep/1.png": "dog"}


def test_a_class_folder_that_is_empty_in_one_subset_is_named(tmp_path: Path) -> None:
    for path in ["train/cat/1.png", "train/dog/1.png", "test/cat/1.png"]:
        picture(tmp_path / path)
    (tmp_path / "test" / "owl").mkdir()
    assert sources.read(tmp_path).notes == ["The folder owl holds no images, so there is no such class."]
