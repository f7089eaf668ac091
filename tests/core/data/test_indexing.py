"""Files are measured in processes of their own, which may crash, stall or be stopped."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data import hashing, index_worker, indexing, measure


def test_every_file_gets_one_row_in_order(tiny_folder: Path) -> None:
    files = sorted(tiny_folder.glob("*/*.png"))
    broken = tiny_folder / "broken.png"
    broken.write_bytes(b"no image")
    rows = indexing.index([broken, *files])
    assert "not an image" in rows[0]["reason"]
    assert [row["sha256"] for row in rows[1:]] == [measure.measure(file)["sha256"] for file in files]


def test_a_worker_that_crashes_or_hangs_costs_only_its_file(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for the worker's program: it dies on boom.png and sleeps on wait.png."""
    program = tmp_path / "bad_worker.py"
    program.write_text(
        "import json, os, sys, time\n"
        "from core.data import index_worker as worker\n"
        "real = worker.answer\n"
        "def answer(path):\n"
        "    if 'boom.png' in path: os.kill(os.getpid(), 9)\n"
        "    if 'wait.png' in path: time.sleep(600)\n"
        "    return real(path)\n"
        "worker.answer = answer\n"
        "worker.main()\n"
    )
    original = indexing.subprocess.Popen
    monkeypatch.setenv("PYTHONPATH", str(Path(indexing.__file__).parents[2]))
    monkeypatch.setattr(
        indexing.subprocess, "Popen", lambda command, **rest: original([sys.executable, program], **rest)
    )
    files = sorted(tiny_folder.glob("*/*.png"))
    files[2] = files[2].rename(files[2].with_name("boom.png"))
    files[5] = files[5].rename(files[5].with_name("wait.png"))
    rows = indexing.index(files, stall_seconds=2.0)
    assert "crashed" in rows[2]["reason"] and "too long" in rows[5]["reason"]
    assert rows[5]["passing"] is True and "passing" not in rows[2]
    assert sum("reason" in row for row in rows) == 2


def test_a_progress_that_raises_stops_the_work(tiny_folder: Path) -> None:
    class StopError(Exception):
        pass

    def progress(done: int, total: int, message: str) -> None:
        raise StopError

    with pytest.raises(StopError):
        indexing.index(sorted(tiny_folder.glob("*/*.png")), progress=progress)


def test_a_worker_that_cannot_start_is_no_files_fault(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = indexing.subprocess.Popen
    monkeypatch.setattr(
        indexing.subprocess, "Popen", lambda command, **rest: original([sys.executable, "-c", ""], **rest)
    )
    with pytest.raises(RuntimeError, match="did not start"):
        indexing.index(sorted(tiny_folder.glob("*/*.png")))


def test_measurements_agree_with_hand_worked_images(tmp_path: Path) -> None:
    pixels = np.zeros((20, 30, 3), dtype=np.uint8)
    pixels[:, 15:] = (255, 0, 0)
    Image.fromarray(pixels).save(tmp_path / "half.png")
    row = measure.measure(tmp_path / "half.png")
    assert (row["width"], row["height"], row["format"], row["exif"]) == (30, 20, "PNG", False)
    assert row["brightness"] == pytest.approx(0.299 * 255 / 2, abs=0.01)
    assert row["contrast"] == pytest.approx(0.299 * 255 / 2, abs=0.01)
    # Hasler and Süsstrunk: half the pixels have rg = 255 and yb = 127.5, the others 0.
    expected = np.hypot(127.5, 63.75) + 0.3 * np.hypot(127.5, 63.75)
    assert row["colourfulness"] == pytest.approx(expected, abs=0.01)
    assert measure.decode(measure.encode(row)) == row


def test_answers_of_the_worker_carry_reasons(tmp_path: Path) -> None:
    gone = index_worker.answer(str(tmp_path / "gone.jpg"))
    assert "cannot be opened" in str(gone["reason"]) and gone["passing"] is True
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8 torn")
    assert set(index_worker.answer(str(tmp_path / "torn.jpg"))) == {"reason"}


def test_the_8_hashes_of_a_picture_are_those_of_its_turned_and_mirrored_copies() -> None:
    random = np.random.default_rng(3)
    rough = Image.fromarray(random.integers(0, 255, (6, 8), dtype=np.uint8))
    picture = rough.resize((320, 240), Image.Resampling.BICUBIC).convert("RGB")
    own = hashing.dhashes(hashing.tile(picture)[None])[0]
    for turn in [None, *Image.Transpose]:
        buffer = io.BytesIO()
        (picture if turn is None else picture.transpose(turn)).resize((200, 200)).save(
            buffer, "JPEG", quality=60
        )
        copy = hashing.dhashes(hashing.tile(Image.open(buffer))[None])[0, 0]
        assert np.bitwise_count(own ^ copy).min() <= 4


def test_hash_bits_follow_the_definition() -> None:
    ramp = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (32, 1))  # brighter to the right everywhere
    assert hashing.dhash(ramp[None])[0] == 2**64 - 1
    assert hashing.dhash(ramp[None, :, ::-1])[0] == 0
