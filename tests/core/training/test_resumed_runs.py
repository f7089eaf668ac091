"""A run that was stopped, wherever it was, comes to the end it would have had."""

import functools

import pytest

from core import workspace as workspaces
from core.training import checkpoint, jobs
from tests.core.training.trained import assert_same, stop_after, train


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
