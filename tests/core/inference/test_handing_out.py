"""Originals in class folders: on the disk, under names of their own, and never over something else."""

import zipfile

import pandas as pd
import pytest

from core.errors import InferenceError
from core.inference import handing_out


@pytest.fixture
def view(tmp_path):
    files = []
    for number in range(3):
        files.append(tmp_path / f"{number:06d}")
        files[-1].write_bytes(bytes([number]))
    return pd.DataFrame(
        {
            "name": ["one/a.png", "two/a.png", "../../evil.png", "broken.png", "gone.png"],
            "file": [*map(str, files), str(files[0]), str(tmp_path / "gone")],
            "said": ["cat", "cat", "../dog", "no answer", "cat"],
            "error": [None, None, None, "not an image", None],
        }
    )


def test_a_zip_holds_every_answered_original_once(workspace, view, tmp_path):
    told = []
    count = handing_out.to_zip(view, tmp_path / "sorted.zip", progress=lambda *said: told.append(said[0]))
    assert count == 3 and told == [1, 2, 3, 4]
    with zipfile.ZipFile(tmp_path / "sorted.zip") as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {"cat/a.png": b"\0", "cat/a (2).png": b"\1", "_dog/evil.png": b"\2"}


def test_a_server_folder_gets_copies_and_the_originals_stay(workspace, view, tmp_path):
    target = tmp_path / "new" / "sorted"
    assert handing_out.to_folder(view, target) == 3
    found = {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*.png")}
    assert found == {"cat/a.png": b"\0", "cat/a (2).png": b"\1", "_dog/evil.png": b"\2"}
    assert (tmp_path / "000000").exists()
    with pytest.raises(InferenceError, match="holds something already"):
        handing_out.to_folder(view, target)


def test_what_does_not_fit_or_is_no_path_is_a_sentence(workspace, view, tmp_path, monkeypatch):
    with pytest.raises(InferenceError, match="no whole path"):
        handing_out.to_folder(view, type(tmp_path)("sorted"))
    monkeypatch.setattr(handing_out.archives, "KEEP_FREE", 2**60)
    with pytest.raises(InferenceError, match="Free some space"):
        handing_out.to_zip(view, tmp_path / "sorted.zip")
    assert not (tmp_path / "sorted.zip").exists()
