"""The pixel store gives what the eval transform gives, decodes each photo once, and survives damage."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from core import workspace as workspaces
from core.data import images
from core.errors import TrainingError
from core.model import transform as transforms
from core.training import pixels

TRANSFORM = transforms.EvalTransform(image_size=24, resize=28)


@pytest.fixture
def table(workspace, tiny_folder) -> pd.DataFrame:
    files = sorted(tiny_folder.glob("*/*.png"))
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    return pd.DataFrame({"file": [str(file) for file in files], "sha256": hashes})


def prepared(table: pd.DataFrame, **options) -> pixels.Pixels:
    return pixels.prepare(table, TRANSFORM, threads=2, **options)


def test_a_cropped_square_is_what_prediction_sees(table):
    squares = prepared(table).take([5, 0, 30])
    expected = [TRANSFORM.read(workspaces.Path(table["file"][i])) for i in (5, 0, 30)]
    assert np.array_equal(TRANSFORM.crop(squares), np.stack(expected))


def test_what_is_stored_is_not_decoded_again(table, monkeypatch):
    before = prepared(table.iloc[:20]).take(range(20))
    decoded = []
    real = images.decode
    monkeypatch.setattr(images, "decode", lambda *a, **k: decoded.append(1) or real(*a, **k))
    after = prepared(table.iloc[::-1])
    assert len(decoded) == 16
    assert np.array_equal(after.take(range(35, 15, -1)), before)


def test_a_row_that_a_killed_writer_left_without_its_line_is_written_again(table):
    prepared(table.iloc[:5])
    folder = workspaces.cache_folder("pixels") / "28px"
    with open(folder / "pixels.u8", "ab") as file:
        file.write(b"\x07" * 100)
    with open(folder / "rows.jsonl", "ab") as file:
        file.write(b'{"sha256": "ab')
    squares = TRANSFORM.crop(prepared(table).take(range(36)))
    expected = np.stack([TRANSFORM.read(workspaces.Path(file)) for file in table["file"]])
    assert np.array_equal(squares, expected)


def test_beyond_its_limit_images_are_decoded_on_the_fly_and_alike(table, monkeypatch):
    stored = prepared(table).take([3, 9])
    monkeypatch.setenv(pixels.LIMIT_VARIABLE, "0")
    store = prepared(table)
    assert isinstance(store, pixels.DecodedPixels)
    assert np.array_equal(store.take([3, 9]), stored)


def test_a_store_that_would_outgrow_its_limit_starts_over(table, monkeypatch):
    prepared(table.iloc[:30])
    monkeypatch.setenv(pixels.LIMIT_VARIABLE, str(28 * 28 * 3 * 32 / 2**30))
    store = prepared(table.iloc[10:])
    assert isinstance(store, pixels.MappedPixels)
    assert len(workspaces.read_lines(workspaces.cache_folder("pixels") / "28px" / "rows.jsonl")) == 26


def test_progress_counts_to_the_end(table):
    heard = []
    prepared(table, progress=lambda done, total, message: heard.append((done, total)))
    assert heard[-1] == (36, 36)


def test_a_file_that_is_gone_is_named(table):
    workspaces.Path(table["file"][7]).unlink()
    with pytest.raises(TrainingError, match=r"07\.png cannot be read"):
        prepared(table)
