import json

import pytest
from click.testing import CliRunner

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


def test_an_unsure_answer_is_not_called_unlike_the_training_images(run, tiny_folder):
    decisions.save(run, decisions.Decision(classes=("blue", "green", "red"), unknown_below=1.0))
    files = [str(path) for path in sorted((tiny_folder / "red").iterdir())]
    result = CliRunner().invoke(predict, [run.id, *files], catch_exceptions=False)
    assert "(too unsure to say)" in result.stdout
    for line, answer in zip(result.stdout.splitlines(), predictor.load(run.id).predict(files), strict=True):
        assert ("unlike the training images" in line) == (answer.unknown_because == "unlike")
