import json
import sys

import pandas as pd
import pytest
from click.testing import CliRunner

from core import __main__ as command_line
from core.commands.predict import predict
from core.inference import predictor
from core.metrics import decisions
from tests.core.inference.conftest import make_run


@pytest.fixture
def run(workspace, tiny_folder):
    return make_run(tiny_folder)


def _json(*arguments):
    result = CliRunner().invoke(predict, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.stdout)


def test_answers_as_json(run, tiny_folder, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_text("no image")
    path = tiny_folder / "red" / "00.png"
    good, error = _json(run.id, path, bad)["predictions"]
    (answer,) = predictor.load(run.id).predict([path])
    assert good["label"] == answer.label
    assert good["probabilities"] == pytest.approx(answer.probabilities, abs=1e-6)
    assert good["unknown"] in (True, False)
    assert set(error) == {"path", "error"}


def test_a_folder_and_a_csv_file(run, tiny_folder, tmp_path):
    target = tmp_path / "answers.csv"
    found = _json(run.id, tiny_folder / "red", "--csv", target)
    assert found["n_images"] == len(found["predictions"]) == 12
    assert len(target.read_text().splitlines()) == 13


def test_an_explanation_on_request(run, tiny_folder):
    (found,) = _json(run.id, tiny_folder / "red" / "00.png", "--explain")["predictions"]
    assert found["explanation"]["label"] == found["label"]
    assert found["explanation"]["method"] == "Grad-CAM"
    assert max(max(row) for row in found["explanation"]["heat"]) <= 1


def test_answers_for_people(run, tiny_folder):
    result = CliRunner().invoke(predict, [run.id, str(tiny_folder / "red" / "00.png")])
    assert "%" in result.stdout and "00.png" in result.stdout


def _sentence(capsys, monkeypatch, *arguments):
    """What a person's error says, through the real entry: exit status 2."""
    monkeypatch.setattr(sys, "argv", ["core", "predict", *map(str, arguments)])
    assert command_line.main() == 2
    return capsys.readouterr().err


def test_an_empty_folder_is_a_sentence(run, tmp_path, capsys, monkeypatch):
    (tmp_path / "empty").mkdir()
    assert "There is no file in" in _sentence(capsys, monkeypatch, run.id, tmp_path / "empty")
    target = tmp_path / "answers.csv"
    said = _sentence(capsys, monkeypatch, run.id, tmp_path / "empty", "--csv", target)
    assert "There is no file in" in said and not target.exists()


def test_what_does_not_go_together_is_a_sentence(run, tiny_folder, tmp_path, capsys, monkeypatch):
    both = ["--explain", "--csv", tmp_path / "answers.csv"]
    assert "no room for explanations" in _sentence(capsys, monkeypatch, run.id, tiny_folder, *both)
    assert "--sort-into" in _sentence(capsys, monkeypatch, run.id, tiny_folder, "--link")
    inside = ["--sort-into", tiny_folder / "sorted"]
    assert "within each other" in _sentence(capsys, monkeypatch, run.id, tiny_folder, *inside)


def test_a_damaged_model_is_a_sentence(run, tiny_folder, capsys, monkeypatch):
    path = run.folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])
    assert "is damaged" in _sentence(capsys, monkeypatch, run.id, tiny_folder)


def test_a_folder_without_one_readable_image_says_why_of_each(run, tmp_path):
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
    (tmp_path / "._IMG_1.HEIC").write_bytes(b"litter")
    found = _json(run.id, tmp_path)
    assert ["HEIC" in one["error"] for one in found["predictions"] if "IMG" in one["path"]] == [True]
    assert found["n_skipped"] == 1


def test_parquet_alone_and_with_a_csv(run, tiny_folder, tmp_path):
    target = tmp_path / "answers.parquet"
    found = _json(run.id, tiny_folder, "--parquet", target)
    assert (found["n_images"], found["parquet"]) == (36, str(target)) and "csv" not in found
    assert [path.name for path in tmp_path.glob("*answers*")] == ["answers.parquet"]
    _json(run.id, tiny_folder, "--parquet", target, "--csv", tmp_path / "answers.csv")
    assert len(pd.read_parquet(target)) == len(pd.read_csv(tmp_path / "answers.csv")) == 36


def test_sorting_with_and_without_a_table(run, tiny_folder, tmp_path):
    found = _json(run.id, tiny_folder, "--sort-into", tmp_path / "one")
    assert sum(found["sorted"].values()) == 36
    held = {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.png")}
    table = ["--csv", tmp_path / "answers.csv"]
    _json(run.id, tiny_folder, "--sort-into", tmp_path / "two", "--link", *table)
    links = list((tmp_path / "two").rglob("*.png"))
    assert {path.relative_to(tmp_path / "two") for path in links} == held
    assert all(path.is_symlink() for path in links)


def test_an_unsure_answer_is_not_called_unlike_the_training_images(run, tiny_folder):
    decisions.save(run, decisions.Decision(classes=("blue", "green", "red"), unknown_below=1.0))
    files = [str(path) for path in sorted((tiny_folder / "red").iterdir())]
    result = CliRunner().invoke(predict, [run.id, *files], catch_exceptions=False)
    assert "(too unsure to say)" in result.stdout
    for line, answer in zip(result.stdout.splitlines(), predictor.load(run.id).predict(files), strict=True):
        assert ("unlike the training images" in line) == (answer.unknown_because == "unlike")
