"""The benchmarks run from end to end, at a size that says nothing about speed or accuracy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from benchmarks import lesson_baseline, photos

CHECKOUT = Path(__file__).resolve().parents[2]
SMALL = ["--weights", "none", "--image-size", "32"]


def run(*command: object, home: Path | None = None) -> str:
    """Standard output of a benchmark that must succeed."""
    words = [sys.executable, "-m", *map(str, command), *(["--home", str(home)] if home else [])]
    done = subprocess.run(words, cwd=CHECKOUT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def figures(output: str) -> list[list[str]]:
    """The cells of a Markdown table's rows, below its head."""
    lines = [line.strip("| ").split(" | ") for line in output.splitlines() if line.startswith("|")]
    return lines[2:]


@pytest.fixture
def few_photos(tmp_path: Path, tiny_folder: Path) -> Path:
    """12 small "photos" of three classes, cut from generated images."""
    return photos.make(tmp_path / "photos", source=tiny_folder, count=12, size=(60, 45))


def test_photos_are_equal_for_equal_seeds_and_of_the_size_asked_for(tiny_folder: Path, tmp_path: Path):
    first, again = (photos.make(tmp_path / n, source=tiny_folder, count=7, size=(60, 45)) for n in "ab")
    files = sorted(path.relative_to(first) for path in first.rglob("*.jpg"))
    assert len(files) == 7
    assert {path.parts[0] for path in files} == {"red", "green", "blue"}
    with Image.open(first / files[0]) as photo:
        assert photo.size == (60, 45)
    assert all((first / f).read_bytes() == (again / f).read_bytes() for f in files)


def test_the_lessons_loop_learns_colours(tiny_folder: Path, tmp_path: Path):
    for subset in ("train", "validation", "test"):
        (tmp_path / "laid" / subset).parent.mkdir(exist_ok=True)
        (tmp_path / "laid" / subset).symlink_to(tiny_folder)
    options = ["--epochs", "2", "--image-size", "32", "--workers", "0", "--batch-size", "6"]
    given = lesson_baseline.parser().parse_args([str(tmp_path / "laid"), *options])
    found = lesson_baseline.train(given.folder, given)
    assert len(found["images_per_second"]) == len(found["validation"]) == 2
    assert 0 <= found["test"][-1] <= 1


def test_training_speed_measures_every_contender(few_photos: Path, tmp_path: Path):
    options = [*SMALL, "--batch-size", 2, "--rounds", 1, "--epochs", 2, "--seeds", 0]
    rows = figures(run("benchmarks.training_speed", few_photos, *options, home=tmp_path / "home"))
    assert [row[0] for row in rows] == ["lesson's loop", "ours", "ours, progressive", "the model alone"]
    assert all(float(row[1]) > 0 for row in rows)
    assert float(rows[0][2]) == 1  # the lesson against itself


def test_imbalance_compares_the_settings_on_the_same_split(tiny_folder: Path, tmp_path: Path):
    options = ["--data", tiny_folder, "--modes", "quick", "--seeds", 1]
    options += ["--options=--weights none --image-size 32"]
    rows = figures(run("benchmarks.imbalance", *options, home=tmp_path / "home"))
    assert [row[:2] for row in rows] == [["quick", "none"], ["quick", "weights"]]
    plain, weighed = rows
    assert plain[2:4] == weighed[2:4], "even classes weigh the same, so balancing changes nothing"
    assert weighed[4].startswith("+0.000")


def test_cost_growth_measures_time_and_memory(tiny_folder: Path, tmp_path: Path):
    options = ["--source", tiny_folder, "--counts", 24, "--batch-size", 4, *SMALL]
    rows = figures(run("benchmarks.cost_growth", *options, home=tmp_path / "home"))
    assert [row[0] for row in rows] == ["24"]
    assert float(rows[0][3]) > 0 and float(rows[0][6]) > 50


def test_quick_times_cold_and_cached_runs(few_photos: Path, tmp_path: Path):
    options = ["--sizes", 32, "--rounds", 1, "--lesson-epochs", 0, "--weights", "none"]
    rows = figures(run("benchmarks.quick", few_photos, *options, home=tmp_path / "home"))
    ways = ["cold", "features kept", "features kept, warm"]
    assert [row[0] for row in rows] == [f"quick, 32 px, {way}" for way in ways]


def test_time_left_compares_what_was_said_with_what_it_took(tiny_folder: Path, tmp_path: Path):
    small = "--weights none --backbone mobilenet_v3_small --image-size 32 --batch-size 8 --epochs 6"
    options = ["--data", tiny_folder, "--runs", 1, f"--options={small}"]
    rows = figures(run("benchmarks.time_left", *options, home=tmp_path / "home"))
    (row,) = rows
    assert float(row[1]) > 0 and int(row[2]) > 0
    assert all(cell.endswith("%") for cell in row[3:])
