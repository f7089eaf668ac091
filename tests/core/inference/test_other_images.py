"""A run judged on the images of another dataset: every image answered, every figure from what was kept."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn import metrics as reference

from core import __main__ as entry
from core.data import datasets
from core.errors import InferenceError, MetricsError
from core.inference import evaluate, predictor
from core.metrics import evaluations, openings, store


@pytest.fixture
def others(tiny_folder, tmp_path):
    """Images of two of the run's classes and of one that it does not know, none of them its own."""
    folder = tmp_path / "others"
    for label, named in (("red", "red"), ("green", "green"), ("blue", "violet")):
        (folder / named).mkdir(parents=True)
        for path in sorted((tiny_folder / label).iterdir())[:8]:
            (folder / named / path.name).write_bytes(path.read_bytes() + b"another file")
    return folder


def command(*arguments):
    result = CliRunner().invoke(entry.cli, ["evaluate", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_image_is_answered_and_the_figures_are_those_of_the_answers(run, others):
    found = json.loads(command(run.id, others, "--json"))
    files = [others / path for path in evaluations.table(run, "others")["path"]]
    answers = predictor.load(run.id).predict(files)
    kept = evaluations.table(run, "others")
    assert len(kept) == 24 and kept["true"].eq(-1).sum() == 8
    np.testing.assert_allclose(np.stack(kept["logits"]), [answer.logits for answer in answers], atol=1e-4)
    judged = evaluations.predictions(run, evaluations.subset("others"))
    truth = [path.split("/")[0] for path in judged.paths]
    said = [judged.classes[k] for k in judged.logits.argmax(axis=1)]
    assert found["n_images"] == 16 and found["subset"] == "images of others"
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(truth, said))
    low, high = found["accuracy_interval"]
    assert low <= found["accuracy"] <= high
    report = found["evaluation"]
    assert report["unknown_classes"] == {"violet": 8} and report["missing_classes"] == ["blue"]
    assert report["n_known"] == {} and openings.count(run) == 0


def test_a_folder_is_taken_in_once_and_looked_at_again(run, others):
    command(run.id, others)
    (others / "red" / "07.png").unlink()
    text = command(run.id, others)
    assert datasets.names() == ["others"]
    assert "15 images of others" in text and "does not know the class: violet (8)" in text
    assert evaluations.names(run) == ["others"]


def test_images_that_the_run_has_seen_are_said_and_its_test_images_are_an_opening(run, tiny_folder):
    datasets.add("tiny", tiny_folder)
    text = command(run.id, "tiny")
    counts = evaluations.record(run, "tiny")["n_known"]
    assert counts == run.manifest()["subset"].value_counts().to_dict()
    assert f"trained on {counts['train']} of these images" in text and "counted as an opening" in text
    assert [one["via"] for one in openings.history(run)] == ["command line, evaluate"]


def test_figures_follow_when_the_images_are_answered_again(run, others):
    command(run.id, others)
    subset = evaluations.subset("others")
    assert store.figures(run, subset)["n_images"] == 16
    (others / "green" / "00.png").unlink()
    command(run.id, others)
    assert store.figures(run, subset)["n_images"] == 15
    assert evaluations.is_current(run, "others")
    (run.folder / "model.safetensors").touch()
    assert not evaluations.is_current(run, "others")


def test_what_cannot_be_evaluated_is_a_sentence(run, others, tmp_path):
    with pytest.raises(InferenceError, match="no dataset and no folder"):
        evaluate.dataset_of(str(tmp_path / "nowhere"))
    shutil.rmtree(others / "red")
    shutil.rmtree(others / "green")
    datasets.add("strangers", others)
    with pytest.raises(InferenceError, match="shares at least one class"):
        evaluate.evaluate(run.id, "strangers")
    with pytest.raises(MetricsError, match="has not been evaluated on 'strangers'"):
        evaluations.predictions(run, evaluations.subset("strangers"))


def test_asked_for_in_a_process_of_its_own_it_tells_how_it_went(run, others):
    datasets.add("others", others)
    work = evaluations.work(run, "others")
    assert work.state()["state"] == "none"
    assert evaluate.main([run.id, "others"]) == 0
    assert work.state()["state"] == "ready" and evaluations.names(run) == ["others"]
    (run.folder / "model.safetensors").unlink()
    assert evaluate.main([run.id, "others"]) == 1
    assert "no model yet" in work.state()["message"] and work.state()["state"] == "failed"
