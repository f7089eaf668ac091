"""The zip of sorted originals holds every image once, under names that no system refuses."""

import io
import zipfile

import pytest

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
