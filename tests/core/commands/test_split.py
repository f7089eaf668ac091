"""`split` on the command line: the contract of names and JSON."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from core.__main__ import cli
from core.commands import features
from core.errors import SplitError
from core.split import store


def run(*words: object) -> dict:
    result = CliRunner().invoke(cli, [*map(str, words), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_subsets_are_printed_by_class(workspace: Path, tiny_folder: Path) -> None:
    run("dataset", "add", "tiny", tiny_folder)
    made = run("split", "s", "--dataset", "tiny")
    assert made == {
        "name": "s",
        "subsets": {
            "train": {"blue": 8, "green": 8, "red": 8},
            "validation": {"blue": 2, "green": 2, "red": 2},
            "test": {"blue": 2, "green": 2, "red": 2},
        },
        "straddling_near_duplicates": {"random": 0, "this": 0},
        "notes": [],
        "warning": made["warning"],
    }
    assert "Too few test images" in made["warning"] and "blue (2), green (2), red (2)" in made["warning"]
    assert run("split", "s", "--dataset", "tiny") == made


def test_options_reach_the_split(workspace: Path, tiny_folder: Path) -> None:
    for file in sorted((tiny_folder / "red").glob("*.png")):
        with Image.open(file) as image:
            image.rotate(180).save(file.with_name(f"copy-{file.name}"))
    run("dataset", "add", "tiny", tiny_folder)
    options = ["--train", 0.8, "--validation", 0.2, "--test", 0, "--seed", 3]
    grouped = run("split", "s", "--dataset", "tiny", *options)
    assert sum(grouped["subsets"]["test"].values()) == 0
    assert (
        grouped["straddling_near_duplicates"]["this"] == 0 < grouped["straddling_near_duplicates"]["random"]
    )
    loose = run("split", "t", "--dataset", "tiny", *options, "--group-by", "none")
    assert loose["straddling_near_duplicates"]["this"] == grouped["straddling_near_duplicates"]["random"]
    by_name = run("split", "u", "--dataset", "tiny", "--group-by", r"pattern:(\d\d)\.png")
    assert by_name["straddling_near_duplicates"]["this"] == 0


def test_subsets_from_folders(workspace: Path, tiny_folder: Path, tmp_path: Path) -> None:
    for subset, numbers in {"train": range(8), "valid": range(8, 10), "test": range(10, 12)}.items():
        for label in ("red", "green"):
            for number in numbers:
                target = tmp_path / "shaped" / subset / label / f"{number}.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((tiny_folder / label / f"{number:02d}.png").read_bytes())
    run("dataset", "add", "shaped", tmp_path / "shaped")
    made = run("split", "s", "--dataset", "shaped", "--from-folders")
    assert made["subsets"]["train"] == {"green": 8, "red": 8}
    assert made["subsets"]["validation"] == made["subsets"]["test"] == {"green": 2, "red": 2}


def test_features_widen_the_near_duplicates(
    workspace: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("dataset", "add", "tiny", tiny_folder)
    given = []

    def constant(dataset, backbone, weights, progress):
        given.append((backbone, weights))
        return np.ones((len(dataset.table), 4)), "a stand-in"

    monkeypatch.setattr(features, "of_dataset", constant)
    made = run("split", "s", "--dataset", "tiny", "--backbone", "resnet34", "--weights", "none")
    assert made["straddling_near_duplicates"]["this"] == 0 and given == [("resnet34", "none")]
    assert store.load("s").config.features == "a stand-in"


def test_shares_that_do_not_add_up_are_explained(workspace: Path, tiny_folder: Path) -> None:
    run("dataset", "add", "tiny", tiny_folder)
    with pytest.raises(SplitError, match="add up to 1"):
        run("split", "s", "--dataset", "tiny", "--train", 0.9)
