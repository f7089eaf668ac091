"""The pixel store gives what the eval transform gives, decodes each photo once, and survives damage."""

import hashlib
import os
import threading

import numpy as np
import pandas as pd
import pytest

from core import workspace as workspaces
from core.data import images
from core.errors import TrainingError
from core.model import transform as transforms
from core.training import manifests, pixel_files, pixels

TRANSFORM = transforms.EvalTransform(image_size=24, resize=28)


@pytest.fixture
def table(workspace, tiny_folder) -> pd.DataFrame:
    files = sorted(tiny_folder.glob("*/*.png"))
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    return pd.DataFrame({"file": [str(file) for file in files], "sha256": hashes})


def prepared(table: pd.DataFrame, **options) -> pixels.Pixels:
    return pixels.prepare(table, TRANSFORM, threads=2, **options)


def generation(side: int = 28) -> workspaces.Path:
    """The only store of a size."""
    (found,) = (workspaces.cache_folder("pixels") / f"{side}px").glob("[0-9]*")
    return found


def room_for(monkeypatch, rows: float, side: int = 28) -> None:
    """Bound the stores to so many rows."""
    monkeypatch.setenv(pixels.LIMIT_VARIABLE, str(side * side * 3 * rows / 2**30))


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
    folder = generation()
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
    room_for(monkeypatch, 32)
    store = prepared(table.iloc[10:])
    assert isinstance(store, pixels.MappedPixels)
    assert len(workspaces.read_lines(generation() / "rows.jsonl")) == 26


def test_progress_counts_to_the_end(table):
    heard = []
    prepared(table, progress=lambda done, total, message: heard.append((done, total)))
    assert heard[-1] == (36, 36)


def test_a_file_that_is_gone_is_named(table):
    workspaces.Path(table["file"][7]).unlink()
    with pytest.raises(TrainingError, match=r"07\.png cannot be read"):
        prepared(table)


def expected(table: pd.DataFrame) -> np.ndarray:
    """The squares, decoded here and now."""
    return np.stack([TRANSFORM.square(images.decode(workspaces.Path(file))) for file in table["file"]])


def test_a_store_that_is_built_anew_meanwhile_does_not_change_what_a_run_reads(table, monkeypatch):
    """Two more runs squeeze in as soon as the first has given the lock back."""
    first, second, third = table.iloc[:12], table.iloc[12:24], table.iloc[12:36]
    prepared(first)
    room_for(monkeypatch, 24.5)
    real = np.memmap

    def late(*arguments, **options):
        monkeypatch.setattr(np, "memmap", real)
        workers = [threading.Thread(target=prepared, args=(part,)) for part in (second, third)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=0.5)  # they wait for the lock, or have done their worst
        return real(*arguments, **options)

    monkeypatch.setattr(np, "memmap", late)
    store = prepared(first)
    wait_for_others()
    assert np.array_equal(store.take(range(12)), expected(first))


def wait_for_others() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("Thread-"):
            thread.join(timeout=5)


def test_a_store_in_use_is_not_given_up_for_another(table, monkeypatch):
    room_for(monkeypatch, 32)
    store = prepared(table.iloc[:20])
    assert isinstance(prepared(table.iloc[16:]), pixels.DecodedPixels)
    assert np.array_equal(store.take(range(20)), expected(table.iloc[:20]))
    del store
    assert isinstance(prepared(table.iloc[16:]), pixels.MappedPixels)


def test_rows_whose_pixels_were_lost_with_the_power_are_decoded_again(table):
    prepared(table.iloc[:20])
    os.truncate(generation() / "pixels.u8", 5 * 28 * 28 * 3 + 100)
    assert np.array_equal(prepared(table.iloc[10:]).take(range(26)), expected(table.iloc[10:]))
    assert np.array_equal(prepared(table).take(range(36)), expected(table))


def test_pixels_lie_on_the_disk_before_their_lines(table, monkeypatch):
    seen = []
    real = os.fsync

    def sync(handle):
        real(handle)
        folder = generation()
        seen.append(
            (len(workspaces.read_lines(folder / "rows.jsonl")), (folder / "pixels.u8").stat().st_size)
        )

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(pixel_files, "BLOCK_ROWS", 16)
    prepared(table)
    row = 28 * 28 * 3
    assert seen == [(0, 16 * row), (16, 32 * row), (32, 36 * row)]


def test_who_stops_in_between_keeps_what_was_decoded(table):
    def stop(done, total, message):
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepared(table, progress=stop)
    assert len(workspaces.read_lines(generation() / "rows.jsonl")) == 10


def test_the_limit_holds_for_all_sizes_together_and_the_longest_unused_goes_first(table, monkeypatch):
    sizes = {side: transforms.EvalTransform(image_size=side, resize=side) for side in (28, 32, 36)}
    for side in (28, 32):
        pixels.prepare(table, sizes[side], threads=1)
    os.utime(generation(28) / "rows.jsonl", (1, 1))
    room_for(monkeypatch, 36 * (32**2 + 36**2) / 28**2 + 1)
    pixels.prepare(table, sizes[36], threads=1)
    assert [len(list((workspaces.cache_folder("pixels") / f"{s}px").glob("[0-9]*"))) for s in sizes] == [
        0,
        1,
        1,
    ]


def test_nothing_is_dropped_for_a_store_that_would_not_fit_anyway(table, monkeypatch):
    prepared(table)
    room_for(monkeypatch, 40)
    large = transforms.EvalTransform(image_size=60, resize=60)
    assert isinstance(pixels.prepare(table, large, threads=1), pixels.DecodedPixels)
    assert generation(28).exists()


def test_a_run_that_waits_for_anothers_decoding_hears_that_it_shall_stop(table):
    class Stop(Exception):
        pass

    def stop(done, total, message):
        assert message == "Waiting for another run that decodes images"
        raise Stop

    with pixel_files.alone(28, lambda *_: None), pytest.raises(Stop):
        prepared(table, progress=stop)


def test_decoding_on_the_fly_checks_a_files_content_once_and_again_when_it_changed(table, monkeypatch):
    store = pixels.DecodedPixels(table, TRANSFORM, 2)
    counted = []
    real = hashlib.sha256
    monkeypatch.setattr(pixels.hashlib, "sha256", lambda data: counted.append(1) or real(data))
    first = store.take([0, 1])
    assert np.array_equal(store.take([0, 1]), first)
    assert len(counted) == 2
    workspaces.Path(table["file"][0]).write_bytes(workspaces.Path(table["file"][30]).read_bytes())
    with pytest.raises(TrainingError, match="has changed"):
        store.take([0])


def test_no_images_are_no_pixels_also_when_they_are_decoded_each_time(settings):
    """A process of several may get none of an epoch's last batch."""
    table = manifests.make("tiny", "thirds")
    decoded = pixels.DecodedPixels(table, transforms.EvalTransform.for_size(32), 1)
    side = transforms.EvalTransform.for_size(32).resize
    assert decoded.take([]).shape == (0, side, side, 3)
