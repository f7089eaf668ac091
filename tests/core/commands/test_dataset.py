"""`dataset` on the command line: the contract of names and JSON."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from core.__main__ import cli
from core.commands import features
from core.errors import DatasetError


def run(*words: object) -> dict:
    result = CliRunner().invoke(cli, [*map(str, words), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_add_prints_what_show_prints(workspace: Path, tiny_folder: Path) -> None:
    (tiny_folder / "red" / "broken.png").write_bytes(b"x")
    added = run("dataset", "add", "tiny", tiny_folder)
    assert added == run("dataset", "show", "tiny")
    assert set(added) == {"name", "n_images", "classes", "set_aside", "ignored", "notes"}
    assert added["n_images"] == 36 and added["classes"] == {"blue": 12, "green": 12, "red": 12}
    assert [one["path"] for one in added["set_aside"]] == ["red/broken.png"]
    assert run("dataset", "list") == {"datasets": [{"name": "tiny", "n_images": 36, "n_classes": 3}]}


def test_show_says_what_was_passed_over_and_how_labels_were_found(workspace: Path, tiny_folder: Path) -> None:
    (tiny_folder / "red" / ".hidden.png").write_bytes(b"x")
    rows = [f"{path.relative_to(tiny_folder)},{path.parent.name}" for path in tiny_folder.rglob("*.png")]
    rows = [row for row in rows if ".hidden" not in row and not row.startswith("red/00.png")]
    (tiny_folder / "labels.csv").write_text("\n".join(["file,label", *rows, "red/00.png,blue"]))
    added = run("dataset", "add", "tiny", tiny_folder)
    assert added["ignored"] == 1 and added["classes"] == {"blue": 13, "green": 12, "red": 11}
    text = CliRunner().invoke(cli, ["dataset", "show", "tiny"]).stdout
    assert "Passed over (hidden files, system files, documents): 1." in text
    assert added["notes"][0] in text and "1 of 36 files" in text


def test_a_persons_error_is_one_sentence_and_exit_status_2(workspace: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "core", "dataset", "show", "nope", "--json"],
        env=os.environ | {"FIELDGUIDE_HOME": str(workspace)},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.strip() == "Error: There is no dataset 'nope'. There are: none yet."


def test_check_has_the_promised_keys(workspace: Path, tiny_folder: Path) -> None:
    (tiny_folder / "red" / "copy.png").write_bytes((tiny_folder / "blue" / "00.png").read_bytes())
    run("dataset", "add", "tiny", tiny_folder)
    report = run("dataset", "check", "tiny")
    assert {"unreadable", "exact_duplicates", "near_duplicates", "label_conflicts", "shortcuts"} <= set(
        report
    )
    assert report["exact_duplicates"] == report["label_conflicts"] == [["blue/00.png", "red/copy.png"]]
    assert report["largest_class_share"] == pytest.approx(13 / 37)
    for shortcut in report["shortcuts"]:
        assert {"class", "feature", "balanced_accuracy", "chance"} <= set(shortcut)


def test_edit_and_undo(workspace: Path, tiny_folder: Path, tmp_path: Path) -> None:
    run("dataset", "add", "tiny", tiny_folder)
    edited = run("dataset", "edit", "tiny", "--exclude", "red/00.png", "--relabel", "red/01.png", "blue")
    assert edited["classes"] == {"blue": 13, "green": 12, "red": 10}
    run("dataset", "edit", "tiny", "--export", tmp_path / "edits.csv")
    assert (tmp_path / "edits.csv").read_text().splitlines() == [
        "path,before,after",
        "red/00.png,red,",
        "red/01.png,red,blue",
    ]
    assert run("dataset", "edit", "tiny", "--undo")["classes"] == {"blue": 12, "green": 12, "red": 11}
    assert run("dataset", "edit", "tiny", "--rename-class", "blue", "green")["classes"] == {
        "green": 24,
        "red": 11,
    }
    assert CliRunner().invoke(cli, ["dataset", "edit", "tiny"]).exit_code != 0


def test_an_edit_that_cannot_be_made_whole_is_not_made(workspace: Path, tiny_folder: Path) -> None:
    run("dataset", "add", "tiny", tiny_folder)
    words = ["dataset", "edit", "tiny", "--exclude", "red/00.png", "--relabel", "nope.png", "blue", "--json"]
    with pytest.raises(DatasetError, match="nope"):
        CliRunner().invoke(cli, words, catch_exceptions=False)
    assert run("dataset", "show", "tiny")["classes"]["red"] == 12


def test_paths_are_listed_when_asked_for(workspace: Path, tiny_folder: Path) -> None:
    run("dataset", "add", "tiny", tiny_folder)
    run("dataset", "edit", "tiny", "--exclude", "red/00.png", "--relabel", "red/01.png", "blue")
    shown = run("dataset", "show", "tiny", "--paths")
    assert {"path": "red/01.png", "label": "blue"} in shown["images"] and len(shown["images"]) == 35
    assert shown["excluded"] == [{"path": "red/00.png", "label": "red"}]
    text = CliRunner().invoke(cli, ["dataset", "show", "tiny", "--paths"]).stdout.splitlines()
    assert "red/01.png\tblue" in text and "red/00.png\tred\texcluded" in text
    assert run("dataset", "edit", "tiny", "--include", "red/00.png")["classes"]["red"] == 11


def test_the_copy_to_keep_is_named(workspace: Path, tiny_folder: Path) -> None:
    run("dataset", "add", "tiny", tiny_folder)
    copies = ["--keep-one", "red/00.png", "--keep-one", "red/01.png"]
    run("dataset", "edit", "tiny", *copies, "--keep", "red/01.png")
    assert run("dataset", "show", "tiny", "--paths")["excluded"] == [{"path": "red/00.png", "label": "red"}]
    alone = CliRunner().invoke(cli, ["dataset", "edit", "tiny", "--keep", "red/01.png"])
    assert alone.exit_code == 2


def test_parts_that_moved_are_relinked_one_by_one(workspace: Path, tiny_folder: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    shutil.copytree(tiny_folder / "red", more / "violet")
    run("dataset", "add", "tiny", tiny_folder)
    run("dataset", "add", "tiny", more, "--extend")
    first, second = tiny_folder.rename(tmp_path / "a"), more.rename(tmp_path / "b")
    assert run("dataset", "relink", "tiny", second)["still_missing"] == [str(tiny_folder)]
    done = run("dataset", "relink", "tiny", first)
    assert done["still_missing"] == [] and done["n_images"] == 48


def test_suspects_come_from_features(
    workspace: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny_folder / "red" / "00.png").rename(tiny_folder / "blue" / "wrong.png")

    def mean_colours(dataset, backbone, weights, progress):
        assert (backbone, weights) == ("resnet34", "none")
        paths = dataset.table["path"]
        return np.stack([np.asarray(Image.open(dataset.file(p))).mean((0, 1)) for p in paths]), "mean colours"

    monkeypatch.setattr(features, "of_dataset", mean_colours)
    run("dataset", "add", "tiny", tiny_folder)
    found = run("dataset", "suspects", "tiny", "--backbone", "resnet34", "--weights", "none")
    assert [(one["path"], one["suggested"]) for one in found["suspects"]] == [("blue/wrong.png", "red")]
    assert (
        run("dataset", "check", "tiny", "--backbone", "resnet34", "--weights", "none")["near_duplicates"]
        == []
    )


def test_features_of_a_real_backbone(workspace: Path, tiny_folder: Path) -> None:
    run("dataset", "add", "tiny", tiny_folder)
    found = run("dataset", "suspects", "tiny", "--backbone", "mobilenet_v3_large", "--weights", "none")
    assert isinstance(found["suspects"], list) and "mobilenet_v3_large" in found["features"]


def test_extend_refresh_rename_relink_delete(workspace: Path, tiny_folder: Path, tmp_path: Path) -> None:
    run("dataset", "add", "tiny", tiny_folder)
    more = tmp_path / "more" / "violet"
    more.mkdir(parents=True)
    for number in range(3):
        (more / f"{number}.png").write_bytes((tiny_folder / "red" / f"{number:02d}.png").read_bytes())
    assert run("dataset", "add", "tiny", tmp_path / "more", "--extend")["classes"]["violet"] == 3
    assert run("dataset", "refresh", "tiny")["n_images"] == 39
    assert run("dataset", "rename", "tiny", "small")["name"] == "small"
    moved = tiny_folder.rename(tmp_path / "elsewhere")
    assert run("dataset", "relink", "small", moved)["n_images"] == 39
    assert run("dataset", "delete", "small") == {"deleted": "small"}
    assert run("dataset", "list") == {"datasets": []}
