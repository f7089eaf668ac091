"""Every shape in which images are brought, through the page's uploaders."""

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import datasets
from tests.pages.conftest import Open, words

COLOURS = {"blue": 12, "green": 12, "red": 12}
File = tuple[str, bytes, str]


def zipped(folder: Path, *, below: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, f"{below}{file.relative_to(folder)}")
    return buffer.getvalue()


def tarred(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.add(folder, "pets")
    return buffer.getvalue()


def csv(rows: pd.DataFrame) -> bytes:
    return rows.to_csv(index=False).encode()


def tsv(rows: pd.DataFrame) -> bytes:
    return rows.to_csv(index=False, sep="\t").encode()


def jsonl(rows: pd.DataFrame) -> bytes:
    return "\n".join(json.dumps(row) for row in rows.to_dict("records")).encode()


def parquet(rows: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    rows.to_parquet(buffer)
    return buffer.getvalue()


def upload(at: AppTest, files: list[File]) -> AppTest:
    """Choose the files in the first uploader and press the button."""
    at.segmented_control(key="bring-way").set_value("Upload").run()
    at.file_uploader(key="upload-files-0").set_value(files).run()
    at.button(key="add-upload").click().run()
    assert not at.exception
    return at


def test_a_zip(open_page: Open, tiny_folder: Path) -> None:
    upload(open_page("dataset"), [("pets.zip", zipped(tiny_folder), "application/zip")])
    assert datasets.load("pets").counts == COLOURS


def test_a_compressed_tar(open_page: Open, tiny_folder: Path) -> None:
    upload(open_page("dataset"), [("pets.tar.gz", tarred(tiny_folder), "application/gzip")])
    assert datasets.load("pets").counts == COLOURS


def test_a_zip_with_train_and_test_folders(open_page: Open, tiny_folder: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for subset in ("train", "valid", "test"):
            for file in sorted(tiny_folder.rglob("0*.png")):
                archive.write(file, f"{subset}/{file.relative_to(tiny_folder)}")
    upload(open_page("dataset"), [("pets.zip", buffer.getvalue(), "application/zip")])
    subsets = datasets.load("pets").table["subset"].value_counts().to_dict()
    assert subsets == {"train": 30, "validation": 30, "test": 30}


@pytest.mark.parametrize(
    ("name", "written"),
    [("labels.csv", csv), ("labels.tsv", tsv), ("metadata.jsonl", jsonl), ("labels.parquet", parquet)],
)
def test_pictures_with_a_table(
    open_page: Open, tiny_folder: Path, name: str, written: Callable[[pd.DataFrame], bytes]
) -> None:
    pictures = sorted(tiny_folder.rglob("*.png"))
    files = [(f"{number}.png", file.read_bytes(), "image/png") for number, file in enumerate(pictures)]
    rows = pd.DataFrame(
        {"file_name": [file[0] for file in files], "label": [p.parent.name for p in pictures]}
    )
    upload(open_page("dataset"), [*files, (name, written(rows), "application/octet-stream")])
    assert datasets.load("0").counts == COLOURS  # by the name of the first file


def test_several_archives_at_once(open_page: Open, tiny_folder: Path) -> None:
    """Archives of loose pictures are classes of their names; one with class folders keeps those."""
    files = [(f"{label}.zip", zipped(tiny_folder / label), "application/zip") for label in ("red", "green")]
    files.append(("more.zip", zipped(tiny_folder / "blue", below="set/blue/"), "application/zip"))
    upload(open_page("dataset"), files)
    assert datasets.load("red").counts == COLOURS


def test_more_images_for_a_dataset(open_page: Open, tiny_folder: Path) -> None:
    before = datasets.add("pets", tiny_folder)
    at = open_page("dataset", view="Bring more")
    at.segmented_control(key="bring-way").set_value("Upload").run()
    at.radio(key="bring-target").set_value("More images for pets").run()
    data = zipped(tiny_folder / "red", below="violet/")
    at.file_uploader(key="upload-files-0").set_value([("more.zip", data, "application/zip")]).run()
    at.button(key="add-upload").click().run()
    assert not at.exception
    after = datasets.load("pets")
    assert after.counts == COLOURS | {"violet": 12} and after.version > before.version
    assert datasets.names() == ["pets"]


def test_a_foreign_archive_is_named_and_its_place_in_the_workspace_is_not(
    open_page: Open, workspace: Path
) -> None:
    at = upload(open_page("dataset"), [("pets.rar", b"Rar!\x1a\x07", "application/octet-stream")])
    assert "pets.rar: a RAR archive, which is not unpacked here" in at.error[0].value
    assert str(workspace) not in at.error[0].value and datasets.names() == []


def test_loose_pictures_are_refused_under_the_name_that_they_came_with(
    open_page: Open, workspace: Path, tiny_folder: Path
) -> None:
    file = tiny_folder / "red" / "00.png"
    at = upload(open_page("dataset"), [("a.png", file.read_bytes(), "image/png")])
    assert "found in a.png (1 images lie there without a class" in at.error[0].value
    assert str(workspace) not in at.error[0].value


def test_what_was_passed_over_and_where_a_table_was_followed_is_said(
    open_page: Open, tiny_folder: Path
) -> None:
    (tiny_folder / "red" / "Thumbs.db").write_bytes(b"x")
    pictures = sorted(tiny_folder.rglob("*.png"))
    rows = [(str(p.relative_to(tiny_folder)), p.parent.name) for p in pictures[1:]] + [("blue/00.png", "red")]
    (tiny_folder / "labels.csv").write_bytes(csv(pd.DataFrame(rows, columns=["file", "label"])))
    datasets.add("tiny", tiny_folder)
    at = open_page("dataset", view="Set aside")
    assert "Passed over (hidden files, system files, documents): 1." in words(at)
    assert "of 36 files otherwise than their folder does" in words(at)
