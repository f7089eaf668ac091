"""Tables beside images: which file a row means, who is right where table and folder differ, and what is said
of a table that cannot be used."""

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core.data import datasets, labelling, sources
from core.errors import DatasetError
from tests.core.data.test_sources import labels, picture


def pictures(root: Path, *paths: str) -> None:
    for seed, path in enumerate(paths):
        picture(root / path, seed)


def write(root: Path, rows: list[tuple[str, str]], name: str = "labels.csv") -> None:
    pd.DataFrame(rows, columns=["file", "label"]).to_csv(root / name, index=False)


def reasons(listing: labelling.Listing) -> dict[str, str]:
    return dict(listing.set_aside)


def test_a_row_for_a_missing_file_labels_no_other_file(tmp_path: Path) -> None:
    pictures(tmp_path, "imgs/dog/1.png", "imgs/cat/2.png", "imgs/dog/3.png")
    write(tmp_path, [("imgs/cat/1.png", "cat"), ("imgs/cat/2.png", "cat"), ("imgs/dog/3.png", "dog")])
    listing = sources.read(tmp_path)
    assert labels(listing) == {"imgs/cat/2.png": "cat", "imgs/dog/3.png": "dog"}
    assert "no such file" in reasons(listing)["imgs/cat/1.png"]
    assert "not listed" in reasons(listing)["imgs/dog/1.png"]


@pytest.mark.parametrize(
    "cell",
    [
        "imgs/cat/1.png",
        "./imgs/cat/1.png",
        "/home/ann/pictures/imgs/cat/1.png",
        "C:\\data\\imgs\\cat\\1.png",
        "cat/1.png",
        "imgs/cat/1",
        "../imgs/cat/1.png",
    ],
)
def test_paths_from_elsewhere_are_matched_by_their_last_folders(tmp_path: Path, cell: str) -> None:
    pictures(tmp_path, "imgs/cat/1.png", "imgs/dog/1.png", "imgs/dog/2.png")
    write(tmp_path, [(cell, "lynx"), ("2.png", "dog")])
    listing = sources.read(tmp_path)
    assert labels(listing) == {"imgs/cat/1.png": "lynx", "imgs/dog/2.png": "dog"}


def test_a_bare_name_that_several_files_bear_is_set_aside(tmp_path: Path) -> None:
    pictures(tmp_path, "imgs/a/1.png", "imgs/b/1.png", "imgs/a/2.png")
    write(tmp_path, [("1.png", "cat"), ("2.png", "dog")])
    listing = sources.read(tmp_path)
    assert labels(listing) == {"imgs/a/2.png": "dog"}
    assert "names several files" in reasons(listing)["1.png"]


def test_folders_in_the_cells_do_not_matter_where_the_files_lie_in_none(tmp_path: Path) -> None:
    """As when loose files and their table are chosen in the browser."""
    pictures(tmp_path, "1.png", "2.png")
    write(tmp_path, [("images/1.png", "cat"), ("images/2.png", "dog")])
    assert labels(sources.read(tmp_path)) == {"1.png": "cat", "2.png": "dog"}


def mostly_agreeing(root: Path) -> None:
    """20 files in class folders, 19 of them listed, one of those with another label than its folder."""
    paths = [f"{label}/{number}.png" for label in ("cat", "dog") for number in range(10)]
    pictures(root, *paths)
    rows = [(path, path.split("/")[0]) for path in paths[:-1]]
    write(root, [("cat/0.png", "dog"), *rows[1:]])


def test_a_table_wins_row_by_row_and_folders_label_what_it_leaves_out(tmp_path: Path) -> None:
    mostly_agreeing(tmp_path)
    listing = sources.read(tmp_path)
    assert labels(listing)["cat/0.png"] == "dog" and labels(listing)["dog/9.png"] == "dog"
    assert len(listing.table) == 20 and listing.set_aside == []
    assert len(listing.notes) == 1 and "1 of 19 files" in listing.notes[0]
    assert "cat/0.png is dog, not cat" in listing.notes[0]


def test_a_table_that_was_named_always_wins(tmp_path: Path) -> None:
    mostly_agreeing(tmp_path)
    listing = sources.read(tmp_path, only_table="labels.csv")
    assert labels(listing)["cat/0.png"] == "dog" and listing.shape == "a table"
    assert "not listed in labels.csv" in reasons(listing)["dog/9.png"]
    assert "1 of 19 files" in listing.notes[0]


def test_a_table_labels_images_beside_the_class_folders(tmp_path: Path) -> None:
    pictures(tmp_path, "cat/1.png", "dog/1.png", "loose.png")
    write(tmp_path, [("loose.png", "cat")])
    listing = sources.read(tmp_path)
    assert labels(listing) == {"cat/1.png": "cat", "dog/1.png": "dog", "loose.png": "cat"}
    assert listing.set_aside == [] and listing.table["path"].is_monotonic_increasing


def test_the_notes_reach_the_dataset(workspace: Path, tmp_path: Path) -> None:
    mostly_agreeing(tmp_path / "in")
    dataset = datasets.add("pets", tmp_path / "in")
    assert dataset.counts == {"cat": 9, "dog": 11} and "1 of 19 files" in dataset.notes[0]


def broken(name: str) -> bytes:
    rows = [{"file": "1.png", "label": "Löwe"}, {"file": "2.png", "label": "Bär"}]
    text = "file,label\n1.png,Löwe\n2.png,Bär\n"
    lines = "\n".join(json.dumps(row) for row in rows)
    return {
        "latin.csv": text.encode("latin-1"),
        "torn.jsonl": lines[:-5].encode(),
        "list.jsonl": b"[1, 2]\n",
        "wrong.csv": text.replace("file", "picture_of").encode(),
        "unlabelled.csv": text.replace("label", "species").encode(),
        "ragged.csv": text.encode() + b"3.png,a,b,c\n",
        "empty.csv": b"",
        "torn.parquet": b"PAR1 and no more",
        "elsewhere.csv": b"file,label\n8.png,cat\n9.png,dog\n",
    }[name]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("latin.csv", "save it again as UTF-8"),
        ("torn.jsonl", "line 2 is no whole JSON object"),
        ("list.jsonl", "line 1 is no whole JSON object"),
        ("wrong.csv", "no file column"),
        ("unlabelled.csv", "no label column"),
        ("ragged.csv", "Expected 2 fields in line 4, saw 4"),
        ("empty.csv", "it is empty"),
        ("torn.parquet", "cannot be read as a PARQUET table"),
        ("elsewhere.csv", "none of its 2 rows names a file (the first: 8.png"),
    ],
)
def test_a_table_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path, name: str, said: str) -> None:
    pictures(tmp_path, "1.png", "2.png")
    (tmp_path / name).write_bytes(broken(name))
    with pytest.raises(DatasetError, match="2 images lie there without a class") as implicit:
        sources.read(tmp_path)
    assert f"{name} was not used: " in str(implicit.value) and said in str(implicit.value)
    with pytest.raises(DatasetError, match="cannot be used as a table of images") as explicit:
        sources.read(tmp_path, only_table=name)
    assert said in str(explicit.value)


def test_an_unusable_table_beside_class_folders_is_set_aside(tmp_path: Path) -> None:
    pictures(tmp_path, "cat/1.png", "dog/1.png")
    (tmp_path / "latin.csv").write_bytes(broken("latin.csv"))
    (tmp_path / "wrong.csv").write_bytes(broken("wrong.csv"))  # never claimed to speak of files
    listing = sources.read(tmp_path)
    assert list(reasons(listing)) == ["latin.csv"] and "UTF-8" in reasons(listing)["latin.csv"]
    assert listing.ignored == 1


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl"])
def test_utf_16_with_its_mark_is_read(tmp_path: Path, ending: str) -> None:
    pictures(tmp_path, "1.png", "2.png")
    rows = [("file", "label"), ("1.png", "Löwe"), ("2.png", "Bär")]
    text = "\n".join(("\t" if ending == ".tsv" else ",").join(row) for row in rows)
    if ending == ".jsonl":
        text = "\n".join(json.dumps({"file": file, "label": label}) for file, label in rows[1:])
    (tmp_path / f"labels{ending}").write_bytes(text.encode("utf-16"))
    assert labels(sources.read(tmp_path)) == {"1.png": "Löwe", "2.png": "Bär"}


def test_long_names_in_a_zip_still_match_their_rows(workspace: Path, tmp_path: Path) -> None:
    long = [f"imgs/{'x' * 180}{number}.png" for number in range(2)]
    with zipfile.ZipFile(tmp_path / "long.zip", "w") as archive:
        for number, name in enumerate(long):
            picture(tmp_path / "one.png", number)
            archive.write(tmp_path / "one.png", name)
        archive.writestr("labels.csv", f"file,label\n{long[0]},cat\n{long[1]},dog\n")
    dataset = datasets.add("long", tmp_path / "long.zip")
    assert dataset.counts == {"cat": 1, "dog": 1} and len(dataset.set_aside) == 0
