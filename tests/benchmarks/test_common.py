"""What benchmarks share: their arguments, their figures, their tables."""

import os
import re
import sys
from pathlib import Path

import pytest

import benchmarks
from benchmarks import common

FOLDER = Path(benchmarks.__file__).parent
PARTS = {"browser", "common", "lesson_baseline", "memory", "one_epoch", "peers", "photos", "served", "trials"}


def test_small_defaults_give_way_to_what_is_said():
    parser = common.parser("What is measured.", seeds=1, epochs=2)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=9)
    assert (parser.parse_args([]).seeds, parser.parse_args([]).epochs) == (5, 9)
    small = parser.parse_args(["--small", "--epochs", "3"])
    assert (small.seeds, small.epochs) == (1, 3)


def test_a_workspace_is_in_force_within_the_block_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(common.WORKSPACE, "before")
    with common.home(None) as passing:
        assert os.environ[common.WORKSPACE] == str(passing) and passing.is_dir()
    assert not passing.exists() and os.environ[common.WORKSPACE] == "before"
    with common.home(tmp_path / "kept"):
        pass
    assert (tmp_path / "kept").is_dir()


def test_speed_is_of_whole_windows_and_an_interruption_does_not_count():
    steady = [0.5 * step for step in range(12)]
    assert common.images_per_second(steady, batch_size=8) == pytest.approx(16)
    interrupted = [stamp + (30 if step > 9 else 0) for step, stamp in enumerate(steady)]
    assert common.images_per_second(interrupted, batch_size=8) == pytest.approx(16)
    with pytest.raises(SystemExit, match="two whole batches"):
        common.images_per_second([1.0], batch_size=8)


def test_figures_in_words():
    assert common.spread([0.5, 0.75, 1.0]) == "0.750 (0.500-1.000)"
    assert common.spread([-1.0, 1.0], "+.1f") == "+0.0 (-1.0 to +1.0)"
    assert common.met(2.2, at_least=2.2) == "at least 2.2: met"
    assert common.met(0.51, at_most=0.5) == "at most 0.5: missed"


def test_a_report_names_its_command_without_this_machines_folders(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    inside = str(common.CHECKOUT.parent / "shared" / "data")
    monkeypatch.setattr(sys, "argv", [str(FOLDER / "quick.py"), "--data", inside])
    common.report(["a", "b"], [[1, "x"]], "a note", "")
    said = capsys.readouterr().out
    assert said.startswith("| a | b |\n| --- | --- |\n| 1 | x |\n")
    assert f"`python -m benchmarks.quick --data {os.path.relpath(inside, common.CHECKOUT)}`" in said
    assert said.rstrip().endswith("a note")


def test_every_benchmark_is_in_the_list_and_tells_its_time():
    listed = benchmarks.__doc__ or ""
    for path in sorted(FOLDER.glob("*.py")):
        if path.stem in PARTS | {"__init__"}:
            assert path.stem in listed or path.stem == "__init__"
            continue
        text = path.read_text()
        assert f"python -m benchmarks.{path.stem}" in listed, f"{path.stem} is in no line of the list"
        assert "minute" in text.split('"""')[1], f"{path.stem} does not say how long it takes"
        assert re.search(r"common\.parser\(\s*__doc__,", text), f"{path.stem} takes no --small"
        assert "common.report(" in text, f"{path.stem} prints no table"
