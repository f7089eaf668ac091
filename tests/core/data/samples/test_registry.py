"""The registry of samples, and the digits."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import errors
from core.data import samples
from core.data.samples import digits, drawn_animals, files
from core.data.samples.drawn import picture


def test_two_samples_need_no_network_and_one_does() -> None:
    assert samples.names() == ["drawn-animals", "digits"]
    assert [(s.name, s.needs_network) for s in samples.catalog()] == [
        ("drawn-animals", False),
        ("digits", False),
        ("cifar10", True),
    ]
    assert all(sample.title and sample.description for sample in samples.catalog())


def test_an_unknown_sample_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(errors.DatasetError, match="drawn-animals, digits, cifar10"):
        samples.write("mammals", tmp_path)


def test_listing_samples_imports_neither_torch_nor_scikit_learn() -> None:
    code = (
        "import sys; from core.data import samples; samples.catalog(); "
        "print({'torch', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_digits_are_all_the_scans_of_scikit_learn(tmp_path: Path) -> None:
    from sklearn import datasets as bundled

    told: list[tuple[int, int]] = []
    samples.write("digits", tmp_path, lambda done, total, message: told.append((done, total)))
    scans = bundled.load_digits()
    counts = {label: len(list((tmp_path / str(label)).glob("*.png"))) for label in range(10)}
    assert counts == {label: int((scans.target == label).sum()) for label in range(10)}
    assert told[-1] == (1797, 1797)


def test_a_digit_keeps_its_scan_when_it_is_reduced_again() -> None:
    from sklearn import datasets as bundled

    scan = bundled.load_digits().images[7]
    image = digits.picture(scan)
    assert image.size == (64, 64)
    again = 16 * (255 - np.asarray(image.reduce(8), dtype=float)) / 255
    assert np.corrcoef(again.ravel(), scan.ravel())[0, 1] > 0.99


def test_drawn_animals_are_written_into_class_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "PER_CLASS", 2)
    told: list[tuple[int, int]] = []
    drawn_animals.write(tmp_path, lambda done, total, message: told.append((done, total)))
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.jpg")) == [
        "bird/bird_000.jpg",
        "bird/bird_001.jpg",
        "cat/cat_000.jpg",
        "cat/cat_001.jpg",
        "dog/dog_000.jpg",
        "dog/dog_001.jpg",
    ]
    assert told[-1] == (6, 6)
    assert told == sorted(told)


def test_a_sample_drawn_by_several_processes_equals_one_drawn_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn_animals.draw(tmp_path / "one", seed=0, count=2, share=0, shares=1)
    monkeypatch.setattr(picture, "PER_CLASS", 2)  # only how many: the other processes deal full decks
    drawn_animals.write(tmp_path / "several")
    for file in sorted((tmp_path / "one").rglob("*.jpg")):
        assert (tmp_path / "several" / file.relative_to(tmp_path / "one")).read_bytes() == file.read_bytes()


def test_drawing_stops_when_its_progress_says_so(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(done: int, total: int, message: str) -> None:
        raise Stop

    with pytest.raises(Stop):
        drawn_animals.write(tmp_path, stop)
    drawn = len(list(tmp_path.rglob("*.jpg")))
    assert drawn < 420
    time.sleep(0.5)
    assert len(list(tmp_path.rglob("*.jpg"))) == drawn


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "cat").write_text("a file where a folder should be")
    with pytest.raises(errors.WorkspaceError, match="cannot be written"):
        files.save(Image.new("RGB", (4, 4)), tmp_path / "cat" / "cat_000.jpg")
