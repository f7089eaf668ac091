"""Runs from launch to end, in this process: what they leave behind, what they may start from."""

import json

import numpy as np
import pytest

from core import workspace as workspaces
from core.data import datasets
from core.errors import TrainingError
from core.model import network
from core.split import config as split_configs
from core.split import store as splits
from core.training import jobs
from tests.core.training.trained import assert_same, history, stop_after, train, weights


def test_a_run_leaves_history_model_and_predictions(settings):
    run = train(settings())
    assert run.state() == "finished"
    assert [line["epoch"] for line in run.history()] == [1, 2]
    assert {line["epoch"] for line in run.history()} >= {run.status()["best_epoch"]}
    predictions = run.predictions("validation")
    assert predictions.logits.shape == (len(predictions.paths), 3)
    accuracy = float((predictions.logits.argmax(1) == predictions.true).mean())
    assert run.status()["validation"]["accuracy"] == pytest.approx(accuracy)
    manifest = run.manifest()
    assert len(run.predictions("test").paths) == (manifest["subset"] == "test").sum()
    assert not (run.folder / "cancel").exists()
    assert not (run.folder / "checkpoint.pt").exists()


def test_what_was_left_open_is_chosen_once_and_stored(settings):
    run = train(settings(precision="auto", batch_size=None, epochs=1))
    record = run.config()
    assert record["batch_size"] == 32
    assert record["precision"] in ("fp32", "bf16")
    assert record["threads"] == 1
    assert record["asked"]["batch_size"] is None
    assert record["chosen"]["weights"]["kind"] == "none"
    assert jobs.again(run.id).batch_size is None


def test_stored_logits_are_those_of_the_stored_model(settings):
    """The model file, the eval transform and torch alone give the stored logits."""
    import torch

    from core.model import transform as transforms

    run = train(settings(epochs=1))
    card = json.loads((run.folder / "model.json").read_text())
    model = network.Classifier(card["backbone"], len(card["classes"]), card["image_size"])
    model.load_state_dict({key: torch.from_numpy(value) for key, value in weights(run).items()})
    transform = transforms.EvalTransform.from_dict(card["transform"])
    files = dict(zip(run.manifest()["path"], run.manifest()["file"], strict=True))
    predictions = run.predictions("validation")
    pixels = np.stack([transform.read(workspaces.Path(files[path])) for path in predictions.paths])
    with torch.inference_mode():
        again = model.eval()(torch.from_numpy(transform.batch(pixels))).numpy()
    assert np.abs(again - predictions.logits).max() < 1e-4


def test_the_same_seed_gives_the_same_run_and_another_another(settings):
    one, two, other = train(settings()), train(settings()), train(settings(seed=1))
    assert_same(one, two)
    assert history(one) != history(other)


def test_a_finished_run_cannot_be_resumed_or_cancelled(settings):
    run = train(settings(epochs=1))
    with pytest.raises(TrainingError, match="finished"):
        jobs.resume(run.id)
    with pytest.raises(TrainingError, match="finished"):
        jobs.cancel(run.id)


def test_a_run_without_a_worker_is_cancelled_at_once(settings):
    run = jobs.prepare(settings())
    jobs.run_here(run, stop_after(run, "pause", "Epoch 1 of 2, step 1"))
    jobs.cancel(run.id)
    assert run.state() == "cancelled"


def test_a_new_run_can_start_from_an_earlier_one(settings):
    first = train(settings(epochs=1))
    config = jobs.longer(first.id, 1)
    run = train(config)
    assert run.config()["chosen"]["weights"]["origin"].startswith(f"run {first.id}")
    assert run.history()[0]["train_loss"] != first.history()[0]["train_loss"]


def test_a_run_that_started_from_another_can_be_trained_longer(settings):
    first = train(settings(epochs=1))
    second = train(settings(epochs=1, weights="auto", start_from=first.id))
    assert second.config()["weights"] == "auto"
    third = train(jobs.longer(second.id, 1))
    assert third.config()["chosen"]["weights"]["origin"].startswith(f"run {second.id}")


def test_a_run_cannot_start_from_one_without_a_model(settings):
    first = jobs.prepare(settings())
    with pytest.raises(TrainingError, match="no model yet: it is prepared"):
        jobs.prepare(settings(start_from=first.id))


def test_a_prepared_run_waits_until_it_is_started(settings):
    run = jobs.prepare(settings(epochs=1))
    assert run.state() == "prepared"
    jobs.resume(run.id, detach=False)
    assert run.state() == "finished"


def test_an_empty_test_subset_is_no_obstacle(settings):
    config = settings(epochs=1)
    division = split_configs.SplitConfig(train=0.7, validation=0.3, test=0.0, group_by="none")
    splits.make("no-test", datasets.load("tiny"), division)
    run = train(config.but(split="no-test"))
    assert len(run.predictions("validation").paths) > 0
    with pytest.raises(TrainingError, match="no test images"):
        run.predictions("test")


def test_a_single_image_left_over_is_no_obstacle_to_batch_norm(settings):
    """25 train images in batches of 8: the last batch takes 9, and is not cut into 8 and 1 again."""
    division = split_configs.SplitConfig(train=0.7, validation=0.3, test=0.0, group_by="none")
    splits.make("odd", datasets.load("tiny"), division)
    run = train(settings(epochs=1, batch_norm="train").but(split="odd"))
    assert len(run.manifest().query("subset == 'train'")) == 25 and run.state() == "finished"


def test_early_stopping_ends_the_run_before_its_last_epoch(settings):
    run = train(
        settings(epochs=6, early_stop=1, learning_rate=1e-8, backbone_learning_rate=0.0, freeze="all")
    )
    assert len(run.history()) < 6


@pytest.mark.parametrize("balance", ["weights", "sampler", "focal"])
def test_every_way_to_balance_trains(settings, balance):
    assert np.isfinite(train(settings(epochs=1, balance=balance)).history()[0]["train_loss"])
