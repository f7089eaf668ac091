import hashlib

import numpy as np
import pytest
import torch

from core.errors import ConfigError, ImageError
from core.features import extract, reading
from core.model import weights
from core.model.transform import EvalTransform

TRANSFORM = EvalTransform.for_size(64)


def _files(folder):
    return sorted(folder.glob("*/*.png"))


def _features(files, **changes):
    return extract.features(files, "resnet18", weights.resolve("starter", "resnet18"), TRANSFORM, **changes)


def test_features_are_what_the_network_gives(workspace, tiny_folder):
    files = _files(tiny_folder)[:3]
    model = extract.frozen("resnet18", weights.resolve("starter", "resnet18"), 64)
    pixels = np.stack([TRANSFORM.read(path) for path in files])
    with torch.inference_mode():
        expected = model.features(torch.from_numpy(TRANSFORM.batch(pixels))).numpy()
    np.testing.assert_allclose(_features(files), expected, atol=1e-4)


def test_the_second_time_nothing_is_computed(workspace, tiny_folder, monkeypatch):
    files = _files(tiny_folder)[:6]
    first = _features(files[:4])
    monkeypatch.setattr(extract, "of_model", lambda *_, **__: pytest.fail("computed again"))
    np.testing.assert_array_equal(_features(files[:4][::-1]), first[::-1])


def test_only_what_is_missing_is_computed(workspace, tiny_folder, monkeypatch):
    files = _files(tiny_folder)[:6]
    _features(files[:4])
    asked, real = [], extract.of_model
    monkeypatch.setattr(
        extract, "of_model", lambda model, some, *a, **k: asked.extend(some) or real(model, some, *a, **k)
    )
    _features(files)
    assert [one.file for one in asked] == files[4:]


def test_who_is_stopped_keeps_what_was_computed_so_far(workspace, tiny_folder, monkeypatch):
    files = _files(tiny_folder)[:6]
    monkeypatch.setattr(extract, "KEEP_EVERY", 2)
    heard = []

    def stop(done, total, message):
        heard.append((done, total))
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _features(files, batch_size=1, progress=stop)
    assert heard == [(1, 6), (2, 6), (3, 6), (4, 6), (5, 6)]
    asked, real = [], extract.of_model
    monkeypatch.setattr(
        extract, "of_model", lambda model, some, *a, **k: asked.extend(some) or real(model, some, *a, **k)
    )
    assert _features(files).shape[0] == 6
    assert [one.file for one in asked] == files[4:]


def test_the_content_counts_not_the_name(workspace, tiny_folder):
    path = _files(tiny_folder)[0]
    before = _features([path])
    path.write_bytes(_files(tiny_folder)[20].read_bytes())
    assert not np.array_equal(_features([path]), before)


def test_a_damaged_cache_is_computed_again(workspace, tiny_folder):
    files = _files(tiny_folder)[:2]
    first = _features(files)
    for shard in workspace.rglob("*.npy"):
        shard.write_bytes(shard.read_bytes()[:50])
    np.testing.assert_allclose(_features(files), first, atol=1e-6)


def test_random_weights_differ_by_seed_and_repeat(workspace, tiny_folder):
    files = _files(tiny_folder)[:2]
    none = weights.resolve("none", "resnet18")
    drawn = [extract.features(files, "resnet18", none, TRANSFORM, seed=seed) for seed in (0, 1)]
    assert not np.allclose(*drawn)
    again = extract.of_model(extract.frozen("resnet18", none, 64, seed=1), files, TRANSFORM)
    np.testing.assert_allclose(again, drawn[1], atol=1e-4)


def test_making_a_network_leaves_the_random_numbers_of_the_process_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    extract.frozen("resnet18", weights.resolve("none", "resnet18"), 64, seed=3)
    assert torch.rand(1) == expected


def test_half_precision_is_near_and_kept_apart(workspace, tiny_folder):
    files = _files(tiny_folder)[:4]
    full, half = _features(files), _features(files, precision="bf16")
    assert not np.array_equal(full, half)
    assert np.linalg.norm(full - half) / np.linalg.norm(full) < 0.05
    with pytest.raises(ConfigError):
        _features(files, precision="int4")


def test_a_file_that_is_gone_is_named(workspace, tiny_folder, tmp_path):
    with pytest.raises(ImageError, match=r"gone\.png"):
        _features([tmp_path / "gone.png"], hashes=[hashlib.sha256(b"").hexdigest()])


def test_no_files_have_no_features(workspace):
    assert _features([]).shape[0] == 0


def test_batches_come_in_order_with_their_errors(tiny_folder, tmp_path):
    sources = [*_files(tiny_folder)[:5], tmp_path / "gone.png", b"nothing", *_files(tiny_folder)[5:8]]
    found = list(reading.batches(iter(sources), TRANSFORM, batch_size=4))
    assert [(batch.first, batch.size) for batch in found] == [(0, 4), (4, 4), (8, 2)]
    assert [place for batch in found for place in batch.places] == [0, 1, 2, 3, 4, 7, 8, 9]
    assert sorted(place for batch in found for place in batch.errors) == [5, 6]
    np.testing.assert_array_equal(found[2].pixels[1], TRANSFORM.read(sources[9]))


def test_sources_are_not_all_read_ahead(tiny_folder):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield _files(tiny_folder)[0]

    next(reading.batches(endless(), TRANSFORM, batch_size=4))
    assert len(taken) <= 16


def test_a_file_that_was_written_to_since_is_refused_and_not_kept(workspace, tiny_folder):
    first, second = _files(tiny_folder)[:2]
    sha = hashlib.sha256(first.read_bytes()).hexdigest()
    first.write_bytes(second.read_bytes())
    with pytest.raises(ImageError, match=r"00\.png cannot be read any more: it has changed since"):
        _features([first], hashes=[sha])
    none = weights.resolve("starter", "resnet18")
    assert extract.n_missing([sha], "resnet18", none, TRANSFORM) == 1
