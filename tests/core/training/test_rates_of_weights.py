"""Rates suit the weights that a run starts from, also by way of another run or of its file."""

import dataclasses
import shutil

import pytest

from core import workspace as workspaces
from core.model import weights_files
from core.training import jobs
from tests.core.training.trained import train

RATES = {"learning_rate": 0.005, "backbone_learning_rate": 0.0003}


@pytest.fixture
def starter_run(settings, monkeypatch):
    """A run that started from weights with rates of their own."""
    real = weights_files.none
    monkeypatch.setattr(weights_files, "none", lambda: dataclasses.replace(real(), defaults=RATES))
    return train(settings(epochs=1))


def rates(run):
    config = run.config()
    return {name: config[name] for name in RATES}


def test_a_run_keeps_the_rates_of_its_weights_with_its_model(starter_run):
    assert rates(starter_run) == RATES
    card = workspaces.read_json(starter_run.folder / "model.json")
    assert card["weights"]["defaults"] == RATES


def test_a_run_that_starts_from_a_run_takes_its_rates_and_hands_them_on(settings, starter_run):
    second = train(settings(epochs=1, start_from=starter_run.id))
    assert rates(second) == RATES
    assert rates(train(settings(epochs=1, start_from=second.id))) == RATES


def test_a_models_file_says_what_suits_it(settings, starter_run):
    folder = workspaces.folder("weights")
    shutil.copy(starter_run.folder / "model.safetensors", folder / "mine.safetensors")
    found = weights_files.from_file("mine.safetensors")
    assert found.defaults == RATES
    assert found.image_size == 32
    assert rates(jobs.prepare(settings(weights="mine.safetensors"))) == dict.fromkeys(RATES)
    assert rates(train(settings(epochs=1, weights="mine.safetensors"))) == RATES


def test_a_file_that_says_nothing_takes_the_usual_pretrained_rates(workspace, tmp_path):
    import safetensors.torch
    import torch

    safetensors.torch.save_file({"a": torch.zeros(1)}, tmp_path / "plain.safetensors")
    found = weights_files.from_file(str(tmp_path / "plain.safetensors"))
    assert found.defaults == weights_files.PRETRAINED_RATES
