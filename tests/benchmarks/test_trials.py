"""Trials: what is finished is not done again; figures over several seeds; splits for other loaders."""

from pathlib import Path

import pytest
from statsmodels.stats import proportion

from benchmarks import trials
from core.data import datasets
from core.split import store as splits
from core.split.config import SplitConfig


def test_what_was_computed_is_kept_until_the_question_or_a_files_content_changes(tmp_path: Path):
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"one")
    asked: list[int] = []

    def compute() -> dict[str, int]:
        asked.append(len(asked))
        return {"figure": len(asked)}

    home = tmp_path / "home"
    home.mkdir()
    assert trials.kept(home, ["a", 1, weights], compute) == {"figure": 1}
    assert trials.kept(home, ["a", 1, weights], compute) == {"figure": 1}
    assert trials.kept(home, ["a", 2, weights], compute) == {"figure": 2}
    weights.write_bytes(b"two")
    assert trials.kept(home, ["a", 1, weights], compute) == {"figure": 3}
    assert len(asked) == 3


def test_the_interval_is_wilsons_over_all_test_images():
    found = [{"accuracy": 0.9, "n_images": 90}, {"accuracy": 1.0, "n_images": 60}]
    share, low, high, n = trials.pooled(found)
    expected = proportion.proportion_confint(141, 150, method="wilson")
    assert (share, n) == (pytest.approx(141 / 150), 150)
    assert (low, high) == pytest.approx(expected, abs=1e-4)
    assert trials.interval(found) == f"{low:.3f}-{high:.3f}"


def test_a_smaller_copy_has_the_first_images_of_each_class(tiny_folder: Path, tmp_path: Path):
    assert trials.few(tmp_path, tiny_folder, None) == tiny_folder
    shorter = trials.few(tmp_path, tiny_folder, 3)
    names = sorted(path.relative_to(shorter).as_posix() for path in shorter.rglob("*.png"))
    assert names == [f"{label}/{n:02d}.png" for label in ("blue", "green", "red") for n in range(3)]
    with pytest.raises(SystemExit, match="is no folder"):
        trials.few(tmp_path, tmp_path / "nowhere", None)


def test_a_split_is_laid_out_for_image_folder_with_every_image_once(
    tiny_folder: Path, workspace: Path, tmp_path: Path
):
    splits.make("tiny-0", datasets.add("tiny", tiny_folder), SplitConfig(group_by="none"))
    laid = trials.link_split(workspace, "tiny-0", tiny_folder, tmp_path / "laid")
    found = sorted(path.resolve() for path in laid.glob("*/*/*"))
    assert found == sorted(path.resolve() for path in tiny_folder.glob("*/*"))
    assert {path.name for path in laid.iterdir()} == {"train", "validation", "test"}
    assert all(path.resolve().parent.name == path.parent.name for path in laid.glob("*/*/*"))
