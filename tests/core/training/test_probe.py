"""A few images tell what steps will take, and leave no trace in the network."""

import copy

import pandas as pd
import torch

from core.model import network, weights_files
from core.model.transform import EvalTransform
from core.training import probe, session


def test_looking_leaves_the_network_as_it_was():
    model = network.Classifier("resnet18", 3, 32).train()
    model.backbone.conv1.weight.requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    found = probe.look(model, torch.device("cpu"), "fp32", "train")
    assert min(found.head_step, found.full_step, found.evaluation, found.answer) > 0
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert (
        not model.backbone.conv1.weight.requires_grad and model.backbone.layer1[0].conv1.weight.requires_grad
    )


def test_the_tail_counts_answers_figures_and_features_that_are_missing(tiny_folder):
    files = sorted(tiny_folder.glob("*/*.png"))
    subsets = ["train"] * 20 + ["validation"] * 10 + ["test"] * 6
    table = pd.DataFrame({"file": [str(file) for file in files], "subset": subsets})
    found = probe.Found(head_step=1.0, full_step=3.0, evaluation=0.1, answer=0.5)
    transform = EvalTransform.for_size(32)
    cached = probe.tail(table, transform, found, missing=0, threads=1)
    assert cached == 16 * 0.5 + probe.FIGURES_SECONDS
    assert probe.tail(table, transform, found, missing=30, threads=1) > cached + 30 * 0.5


def test_features_in_the_cache_are_not_counted_as_missing(settings):
    from core.training import jobs

    config = settings(mode="quick")
    run = jobs.prepare(config)
    table, transform = run.manifest(), EvalTransform.for_size(32)
    n_known = int((table["subset"] != "test").sum())
    assert probe.without_features(table, weights_files.none(), transform, config) == n_known
    assert jobs.run_here(run) == "finished"
    assert probe.without_features(table, weights_files.none(), transform, config) == 0


def test_where_nothing_can_be_timed_the_run_goes_on(settings, monkeypatch):
    from tests.core.training.trained import train

    def broken(*_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(session.probe, "look", broken)
    assert train(settings(epochs=1)).state() == "finished"
