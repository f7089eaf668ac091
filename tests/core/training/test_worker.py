"""The detached worker: a process of its own, killed at any moment, and several of them together."""

import os
import signal
import subprocess
import sys
import time

import pytest

from core import workspace as workspaces
from core.training import jobs, tickets
from tests.core.training.test_jobs import assert_same, train


def until(condition, seconds=120.0):
    """Wait for something that a worker will do."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "the worker did not get there"
        time.sleep(0.05)


def kill(run):
    """SIGKILL the worker of a run: no handler of its own can run."""
    # -ww: the test runner sets a width at which ps would cut the run's id off
    shown = subprocess.run(["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True).stdout
    workers = [line for line in shown.splitlines() if f"core.training.worker {run.id}" in line]
    assert workers, "the worker is not among the processes"
    for line in workers:
        os.kill(int(line.split()[0]), signal.SIGKILL)


def test_a_killed_worker_leaves_an_interrupted_run_that_ends_as_the_unbroken_one(settings):
    unbroken = train(settings(epochs=5))
    run = jobs.launch(settings(epochs=5))
    assert run.state() in ("queued", "running")
    until(lambda: len(run.history()) >= 1)
    kill(run)
    until(lambda: not workspaces.is_locked(run.lock_path))
    assert run.state() == "interrupted"
    jobs.resume(run.id)
    assert jobs.wait(run.id, timeout=180) == "finished"
    assert_same(unbroken, run)


def test_a_worker_that_cannot_start_says_so(settings, monkeypatch):
    run = jobs.prepare(settings())
    monkeypatch.setattr(jobs.sys, "executable", "/bin/false")
    with pytest.raises(Exception, match="did not start"):
        jobs.start(run)


def test_launches_are_queued_in_their_order(settings):
    """Two workers wait behind a run that lives; the first launched is the first to be served."""
    from core.training import worker

    head = jobs.prepare(settings())
    with worker.held(head):
        tickets.take(head, "cpu")
        first, second = jobs.launch(settings(epochs=1)), jobs.launch(settings(epochs=1))
        until(lambda: first.status().get("queue_ahead") == 1 and second.status().get("queue_ahead") == 2)
    assert jobs.wait(first.id, timeout=180) == "finished"
    assert jobs.wait(second.id, timeout=180) == "finished"
    assert first.status()["finished"] <= second.status()["started"]


def test_two_processes_under_torchrun_come_to_the_result_of_one(settings):
    """Same global batch, same order, same augmentation: the loss agrees to 1e-3."""
    options = {"backbone": "resnet18", "batch_norm": "frozen", "batch_size": 6, "learning_rate": 1e-3}
    alone = train(settings(**options))
    run = jobs.prepare(settings(**options))
    with tickets.counter():
        tickets.take(run, "cpu")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*command, "-m", "core.training.worker", run.id],
        cwd=workspaces.CHECKOUT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert run.state() == "finished"
    assert len(run.history()) == len(alone.history())
    for mine, theirs in zip(run.history(), alone.history(), strict=True):
        assert mine["train_loss"] == pytest.approx(theirs["train_loss"], abs=1e-3)
        assert mine["validation_loss"] == pytest.approx(theirs["validation_loss"], abs=1e-3)
