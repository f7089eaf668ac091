"""Runs from launch to end, in this process: what they leave behind, and how they are stopped and taken up."""

import functools
import json
import threading
import time

import numpy as np
import pytest
import safetensors.numpy

from core import runs
from core import workspace as workspaces
from core.data import datasets
from core.errors import TrainingError, WorkspaceError
from core.model import network
from core.split import config as split_configs
from core.split import store as splits
from core.training import checkpoint, jobs, report, tickets, worker

TIMES = ("seconds", "training_seconds", "images_per_second")


def train(config, **options):
    run = jobs.prepare(config)
    assert jobs.run_here(run, **options) == "finished", run.status()["error"]
    return run


def history(run):
    return [{key: value for key, value in line.items() if key not in TIMES} for line in run.history()]


def weights(run):
    return safetensors.numpy.load_file(run.folder / "model.safetensors")


def assert_same(one, other):
    """Two runs came to the same result, bit for bit."""
    assert history(one) == history(other)
    for subset in ("validation", "test"):
        assert np.array_equal(one.predictions(subset).logits, other.predictions(subset).logits)
    assert all(np.array_equal(value, weights(other)[key]) for key, value in weights(one).items())


def stop_after(run, request, message):
    """A progress callback that asks for `request` at the first message that holds `message`."""

    def progress(done, total, said):
        if message in said:
            (run.folder / request).touch()

    return progress


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


@pytest.mark.parametrize("request_", ["pause", "cancel"])
def test_a_run_stopped_within_an_epoch_goes_on_as_if_it_never_stopped(settings, request_):
    unbroken = train(settings())
    run = jobs.prepare(settings())
    state = jobs.run_here(run, stop_after(run, request_, "Epoch 2 of 2, step 1"))
    assert state == {"pause": "paused", "cancel": "cancelled"}[request_] == run.state()
    assert len(run.history()) == 1
    jobs.resume(run.id, detach=False)
    assert run.state() == "finished"
    assert_same(unbroken, run)


def test_a_run_in_fp16_goes_on_with_the_scale_that_its_gradients_had(settings, monkeypatch):
    """Here the scale doubles at each step, until gradients overflow and steps are left out."""
    import torch

    restless = functools.partial(torch.amp.GradScaler, init_scale=2.0**18, growth_interval=1)
    monkeypatch.setattr("torch.amp.GradScaler", restless)
    options = {"precision": "fp16", "batch_size": 6}
    unbroken = train(settings(**options))
    run = jobs.prepare(settings(**options))
    jobs.run_here(run, stop_after(run, "pause", "Epoch 2 of 2, step 1"))
    jobs.resume(run.id, detach=False)
    assert_same(unbroken, run)


def test_a_checkpoint_of_before_the_scale_was_kept_is_still_read(settings):
    import torch

    unbroken = train(settings())
    run = jobs.prepare(settings())
    jobs.run_here(run, stop_after(run, "pause", "Epoch 2 of 2, step 1"))
    path = run.folder / "checkpoint.pt"
    record = torch.load(path, weights_only=True)
    assert record["format"] == 2
    record["format"] = 1
    del record["state"]["scaler"]
    torch.save(record, path)
    jobs.resume(run.id, detach=False)
    assert_same(unbroken, run)


def test_a_line_of_history_lies_on_the_disk_before_the_checkpoint_that_counts_on_it(settings, monkeypatch):
    import os

    run, synced = jobs.prepare(settings(epochs=1)), []
    real_sync, real_save = os.fsync, checkpoint.save

    def sync(handle):
        synced.append(os.fstat(handle).st_ino)
        real_sync(handle)

    def save(path, *rest):
        assert (run.folder / "history.jsonl").stat().st_ino in synced
        synced.append("checkpoint")
        real_save(path, *rest)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr("core.training.checkpoint.save", save)
    assert jobs.run_here(run) == "finished", run.status()["error"]
    assert "checkpoint" in synced


def test_history_beyond_the_checkpoint_is_written_again(settings):
    """As after a kill between the writing of a line and of its checkpoint."""
    unbroken = train(settings())
    run = jobs.prepare(settings())
    jobs.run_here(run, stop_after(run, "pause", "Epoch 2 of 2, step 1"))
    workspaces.append_line(run.folder / "history.jsonl", run.history()[0] | {"epoch": 2, "train_loss": 99.0})
    with open(run.folder / "history.jsonl", "ab") as file:
        file.write(b'{"epoch": 3, "trai')
    jobs.resume(run.id, detach=False)
    assert_same(unbroken, run)


def test_a_damaged_checkpoint_is_a_sentence(settings):
    run = jobs.prepare(settings())
    jobs.run_here(run, stop_after(run, "pause", "Epoch 1 of 2, step 1"))
    (run.folder / "checkpoint.pt").write_bytes(b"no checkpoint")
    jobs.resume(run.id, detach=False)
    assert run.state() == "failed"
    assert "checkpoint.pt cannot be read" in run.status()["error"]


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


def test_a_full_disk_fails_the_run_with_a_sentence(settings, monkeypatch):
    run = jobs.prepare(settings())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.training.checkpoint.save", full)
    jobs.run_here(run)
    assert run.state() == "failed"
    assert "disk of the workspace is full" in run.status()["error"]


def test_a_fault_of_our_own_is_a_failed_run_with_its_traceback_in_the_log(settings, monkeypatch, capfd):
    run = jobs.prepare(settings())

    def broken(*_, **__):
        raise KeyError("surprise")

    monkeypatch.setattr("core.training.pixels.prepare", broken)
    jobs.run_here(run)
    assert run.state() == "failed"
    assert "KeyError" in run.status()["error"]
    assert "Traceback" in capfd.readouterr().err


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_layer(settings):
    run = jobs.prepare(settings(backbone="resnet18"))
    sabotage = network.Classifier.forward

    def spoilt(self, x):
        if self.training and (run.folder / "checkpoint.pt").exists():
            self.backbone.layer3[0].conv1.weight.data.fill_(float("inf"))
        return sabotage(self, x)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network.Classifier, "forward", spoilt)
        jobs.run_here(run)
    assert run.state() == "failed"
    assert "layer3.0.conv1" in run.status()["error"]
    assert "epoch 2, step 1" in run.status()["error"]
    assert all(np.isfinite(value).all() for value in weights(run).values())


def test_memory_that_runs_out_halves_what_is_computed_at_once(settings, monkeypatch):
    """Half batches add up to the whole: the loss is that of the run with enough memory."""
    import torch

    whole = train(settings(epochs=1, backbone="resnet18", batch_norm="frozen"))
    real = network.Classifier.forward

    def scarce(self, x):
        if self.training and len(x) > 4:
            raise torch.OutOfMemoryError("out of memory")
        return real(self, x)

    monkeypatch.setattr(network.Classifier, "forward", scarce)
    run = train(settings(epochs=1, backbone="resnet18", batch_norm="frozen"))
    assert run.history()[0]["train_loss"] == pytest.approx(whole.history()[0]["train_loss"], rel=1e-4)
    assert "4 images at once" in run.status()["memory"]


def test_a_split_made_for_other_labels_is_refused(settings, tiny_folder):
    config = settings()
    (tiny_folder / "red" / "00.png").rename(tiny_folder / "blue" / "99.png")
    datasets.refresh("tiny")
    with pytest.raises(TrainingError, match=r"red/00\.png"):
        jobs.prepare(config)


def test_a_split_of_another_dataset_is_refused(settings, tiny_folder):
    config = settings()
    datasets.add("twin", tiny_folder)
    with pytest.raises(TrainingError, match="divides dataset 'tiny'"):
        jobs.prepare(config.but(dataset="twin"))


def test_an_image_that_changed_since_is_named(settings, tiny_folder):
    run = jobs.prepare(settings())
    victim = tiny_folder / "red" / "03.png"
    victim.write_bytes((tiny_folder / "blue" / "03.png").read_bytes())
    jobs.run_here(run)
    assert run.state() == "failed"
    assert "03.png has changed" in run.status()["error"]


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


def test_tickets_are_served_in_order_and_the_dead_are_passed_over(settings):
    first, second, third = (jobs.prepare(settings()) for _ in range(3))
    with worker.held(second), worker.held(third):
        with worker.held(first):
            for run in (first, second, third):
                tickets.take(run, "cpu")
            assert tickets.ahead(first) == []
            assert tickets.ahead(third) == [first.id, second.id]
        assert tickets.ahead(third) == [second.id]
        tickets.give_back(second)
        assert tickets.ahead(third) == []


def test_a_queued_run_leaves_the_queue_when_cancelled(settings):
    first, second = jobs.prepare(settings()), jobs.prepare(settings())
    with worker.held(first):
        tickets.take(first, "cpu")
        _cancel_soon(second)
        state = jobs.run_here(second)
    assert state == "cancelled"
    assert report.asked(second) is report.Asked.NOTHING


def _cancel_soon(run):
    """Ask for a cancellation once the run is in the queue."""

    def ask():
        while run.status().get("queue_ahead") != 1:
            time.sleep(0.02)
        (run.folder / "cancel").touch()

    threading.Thread(target=ask, daemon=True).start()


def test_several_gpus_are_used_together(settings, monkeypatch):
    run = jobs.prepare(settings(device="auto"))
    monkeypatch.setattr(tickets, "gpus", lambda: 1)
    assert jobs.command(run)[1:] == ["-m", "core.training.worker", run.id]
    monkeypatch.setattr(tickets, "gpus", lambda: 4)
    assert jobs.command(run)[2:6] == ["torch.distributed.run", "--standalone", "--nproc-per-node", "4"]


def test_a_gpu_has_one_queue_however_it_is_called(settings, monkeypatch):
    monkeypatch.setattr(tickets, "gpus", lambda: 1)
    assert tickets.claims("cuda") == tickets.claims("cuda:0") == tickets.claims("auto")
    monkeypatch.setattr(tickets, "gpus", lambda: 2)
    every, first, second, beside = (jobs.prepare(settings()) for _ in range(4))
    with worker.held(every), worker.held(first), worker.held(second), worker.held(beside):
        for run, device in ((every, "cuda"), (first, "cuda:0"), (second, "cuda:1"), (beside, "cpu")):
            tickets.take(run, device)
        assert tickets.ahead(first) == tickets.ahead(second) == [every.id]
        assert tickets.ahead(beside) == []
        tickets.give_back(every)
        assert tickets.ahead(second) == []
        tickets.take(every, "cuda")
        assert tickets.ahead(every) == [first.id, second.id]
        assert tickets.waiting("cuda:1") == [second.id, every.id]


def test_a_turn_takes_every_device_or_none(settings, monkeypatch):
    monkeypatch.setattr(tickets, "gpus", lambda: 2)
    run, other = jobs.prepare(settings()), jobs.prepare(settings())
    locks = [workspaces.folder("queue") / f"device-cuda-{number}.lock" for number in (0, 1)]

    def waiting(before):
        assert [workspaces.is_locked(lock) for lock in locks] == [False, True]
        raise report.Stopped(report.Asked.CANCEL)

    heard = []
    with (
        tickets.turn(other, "cuda:1", lambda before: None),
        pytest.raises(report.Stopped),
        tickets.turn(run, "cuda", lambda before: heard.append(1) or (len(heard) > 1 and waiting(before))),
    ):
        pass
    with tickets.turn(run, "cuda", lambda before: None):
        assert all(workspaces.is_locked(lock) for lock in locks)
    assert not any(workspaces.is_locked(lock) for lock in locks)


@pytest.mark.parametrize(
    ("visible", "count"), [(None, 4), ("", 0), ("-1", 0), ("0,2", 2), ("1,-1,2", 1), ("GPU-8f,GPU-9a", 2)]
)
def test_only_visible_gpus_are_counted(monkeypatch, visible, count):
    monkeypatch.setattr(tickets.Path, "glob", lambda *_: iter(["nvidia0", "nvidia1", "nvidia2", "nvidia3"]))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert tickets.gpus() == count


def test_a_second_worker_is_refused(settings, monkeypatch):
    run = jobs.prepare(settings())
    monkeypatch.setattr(worker, "LOCK_SECONDS", 0.1)
    with worker.held(run), pytest.raises(TrainingError, match="already has a worker"), worker.held(run):
        pass


def test_a_deleted_dataset_is_a_sentence(settings):
    config = settings()
    with pytest.raises(WorkspaceError):
        jobs.prepare(config.but(dataset="gone"))
    assert runs.all_runs() == []
