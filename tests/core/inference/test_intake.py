"""What visitors bring lies on the disk, bounded, and goes when it should and never before."""

import gc
import io
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from core import workspace as workspaces
from core.errors import ArchiveError, InferenceError
from core.inference import intake


def take(tray, name, data):
    tray.take(name, len(data), io.BytesIO(data))


def zipped(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


def test_an_upload_is_a_file_from_the_first_moment(workspace):
    tray = intake.open_tray()
    take(tray, "../../evil.PNG", b"pixels")
    (item,) = tray.items
    assert item.name == "../../evil.PNG" and item.file.read_bytes() == b"pixels"
    assert item.file.parent == tray.folder and item.file.suffix == ".png"
    assert workspace in tray.folder.parents


def test_every_member_of_a_zip_is_there_or_has_its_reason(workspace):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("pets/one.png", b"1")
        archive.writestr("pets/notes.txt", b"2")
        archive.writestr("../../escape.png", b"3")
        archive.writestr("more.zip", b"4")
        link = zipfile.ZipInfo("link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    tray = intake.open_tray()
    take(tray, "pets.zip", stream.getvalue())
    found = {item.name: item for item in tray.items}
    assert set(found) == {"pets/one.png", "pets/notes.txt", "../../escape.png", "more.zip", "link.png"}
    assert found["pets/one.png"].file.read_bytes() == b"1"
    assert all(found[name].file is None for name in ("../../escape.png", "more.zip", "link.png"))
    assert "outside" in found["../../escape.png"].reason and "link" in found["link.png"].reason


def test_each_bringing_has_its_start(workspace):
    tray = intake.open_tray()
    tray.begin()
    take(tray, "a.png", b"1")
    take(tray, "b.zip", zipped(**{"x.png": b"1", "y.png": b"2"}))
    tray.begin()
    tray.begin()
    take(tray, "c.png", b"1")
    assert tray.starts == [0, 3]
    tray.clear()
    assert tray.items == [] and list(tray.folder.iterdir()) == []


@pytest.mark.parametrize("limit, value", [("MOST_IMAGES", 1), ("MOST_BYTES", 5)])
def test_a_full_tray_says_so_and_takes_nothing(workspace, monkeypatch, limit, value):
    monkeypatch.setattr(intake, limit, value)
    tray = intake.open_tray()
    take(tray, "a.png", b"12345")
    with pytest.raises(InferenceError, match="folder on the server"):
        take(tray, "b.png", b"1")
    assert len(tray.items) == 1


@pytest.mark.parametrize("limit, value", [("MOST_IMAGES", 1), ("MOST_BYTES", 400)])
def test_a_zip_too_large_for_the_tray_leaves_nothing_behind(workspace, monkeypatch, limit, value):
    monkeypatch.setattr(intake, limit, value)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.png", b"0" * 300)
        archive.writestr("y.png", b"0" * 300)
    tray = intake.open_tray()
    with pytest.raises(ArchiveError, match="command line"):
        take(tray, "b.zip", packed.getvalue())
    assert tray.items == [] and list(tray.folder.iterdir()) == []


def test_what_does_not_fit_on_the_disk_is_refused(workspace, monkeypatch):
    monkeypatch.setattr(workspaces, "free_bytes", lambda: 10)
    with pytest.raises(InferenceError, match="free"):
        take(intake.open_tray(), "a.png", b"12345")


def test_a_damaged_zip_is_a_sentence_and_leaves_nothing_behind(workspace):
    tray = intake.open_tray()
    with pytest.raises(ArchiveError, match=r"pets\.zip"):
        take(tray, "pets.zip", b"PK no zip")
    assert tray.items == [] and list(tray.folder.iterdir()) == []


def test_the_ninth_visitor_takes_nothing_away_from_the_others(workspace):
    trays = [intake.open_tray() for _ in range(12)]
    for tray in trays:
        take(tray, "a.zip", zipped(**{"x.png": b"1"}))
    assert all(tray.items[0].file.read_bytes() == b"1" for tray in trays)


def test_what_a_dead_server_left_is_removed_and_a_living_ones_is_not(workspace):
    code = (
        "import os, sys; from core.inference import intake; tray = intake.open_tray();"
        "print(tray.folder, flush=True);"
        "sys.stdin.readline(); os._exit(9)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=workspaces.CHECKOUT,
    )
    theirs = process.stdout.readline().strip()
    (workspace / "cache" / "uploads" / "zip-of-old").mkdir()
    intake.open_tray()
    assert Path(theirs).is_dir()
    assert not (workspace / "cache" / "uploads" / "zip-of-old").exists()
    process.communicate("\n")
    intake.open_tray()
    assert not Path(theirs).exists()


def test_a_tray_goes_with_its_visitor(workspace):
    tray = intake.open_tray()
    take(tray, "a.png", b"1")
    folder = tray.folder
    del tray
    gc.collect()
    assert not folder.exists()


def test_a_tray_untouched_for_a_day_is_put_away(workspace):
    old, new = intake.open_tray(), intake.open_tray()
    take(old, "a.png", b"1")
    day_before = time.time() - 25 * 3600
    os.utime(old.folder, (day_before, day_before))
    intake.open_tray()
    assert not old.folder.exists() and new.folder.exists()
    assert not old.touch() and old.items == [] and old.folder.exists()
    assert old.touch()


def test_the_cache_may_be_deleted_while_the_server_runs(workspace):
    intake.open_tray()
    shutil.rmtree(workspace / "cache")
    tray = intake.open_tray()
    take(tray, "a.png", b"1")
    assert tray.items[0].file.read_bytes() == b"1"
