"""The zip of sorted originals holds every image once, under names that no system refuses."""

import io
import zipfile
from pathlib import Path

import pytest

from core.errors import InferenceError
from core.inference import sorting


def test_every_original_lies_in_its_class_folder_unchanged() -> None:
    target = io.BytesIO()
    images = [("cat", "a.jpg", b"one"), ("dog", "sub/a.jpg", b"two"), ("cat", "other/A.JPG", b"three")]
    assert sorting.into_zip(target, images) == 3
    with zipfile.ZipFile(target) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {"cat/a.jpg": b"one", "dog/a.jpg": b"two", "cat/A (2).JPG": b"three"}


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a:b*c?.png", "a_b_c_.png"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("  spaced. ", "spaced"),
        ("x" * 300 + ".jpeg", "x" * 100 + ".jpeg"),
        ("Käse 猫.png", "Käse 猫.png"),
    ],
)
def test_names_never_leave_their_folder(given: str, made: str) -> None:
    assert sorting.safe(given) == made


def test_a_label_that_looks_like_a_path_stays_one_folder() -> None:
    target = io.BytesIO()
    sorting.into_zip(target, [("../up", "../../x.png", b"1")])
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["_up/x.png"]


def test_a_zip_on_the_disk_takes_files_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"one")
    made = sorting.zip_file(tmp_path / "sorted.zip", [("cat", "x/a.jpg", tmp_path / "a.jpg")])
    with zipfile.ZipFile(tmp_path / "sorted.zip") as archive:
        assert made == 1 and archive.read("cat/a.jpg") == b"one"


def test_files_of_one_name_stand_beside_each_other(tmp_path: Path) -> None:
    folders = sorting.Folders(tmp_path / "sorted")
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "a.jpg").write_text(f"content {number}")
        folders.add("../cat", tmp_path / str(number) / "a.jpg")
    placed = {path.name: path.read_text() for path in (tmp_path / "sorted" / "_cat").iterdir()}
    assert placed == {"a.jpg": "content 0", "a (2).jpg": "content 1", "a (3).jpg": "content 2"}
    assert folders.counts == {"../cat": 3}


def test_links_lead_to_the_originals(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("content")
    for _ in range(2):
        sorting.Folders(tmp_path / "sorted", link=True).add("cat", tmp_path / "a.jpg")
    (placed,) = (tmp_path / "sorted" / "cat").iterdir()
    assert placed.is_symlink() and placed.samefile(tmp_path / "a.jpg")


@pytest.mark.parametrize(("root", "read"), [("photos/sorted", "photos"), (".", "cat"), ("cat/..", "cat/old")])
def test_nothing_is_laid_among_the_images_that_are_read(tmp_path: Path, root: str, read: str) -> None:
    (tmp_path / read).mkdir(parents=True)
    with pytest.raises(InferenceError, match="within each other"):
        sorting.Folders(tmp_path / root).check(["cat"], [tmp_path / read])
    sorting.Folders(tmp_path / "elsewhere").check(["cat"], [tmp_path / read])
