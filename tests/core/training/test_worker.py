"""The detached worker: a process of its own, killed at any moment, and several of them together."""

import os
import signal
import subprocess
import time

import pytest

from core import workspace as workspaces
from core.training import jobs, tickets, worker
from tests.core.training.trained import assert_same, train


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
    head = jobs.prepare(settings())
    with worker.held(head):
        tickets.take(head, "cpu")
        first, second = jobs.launch(settings(epochs=1)), jobs.launch(settings(epochs=1))
        until(lambda: first.status().get("queue_ahead") == 1 and second.status().get("queue_ahead") == 2)
    assert jobs.wait(first.id, timeout=180) == "finished"
    assert jobs.wait(second.id, timeout=180) == "finished"
    assert first.status()["finished"] <= second.status()["started"]


def test_a_worker_started_by_hand_takes_its_place_in_the_queue(settings):
    head, run = jobs.prepare(settings()), jobs.prepare(settings(epochs=1))
    with worker.held(head):
        tickets.take(head, "cpu")
        process = subprocess.Popen(jobs.command(run), cwd=workspaces.CHECKOUT)
        until(lambda: run.status().get("queue_ahead") == 1)
        assert run.state() == "queued"
    assert process.wait(timeout=120) == 0
    assert run.state() == "finished"


def test_a_place_that_an_earlier_worker_held_is_not_taken_over(settings):
    """Its ticket is older than that of a run which has come since."""
    run, later = jobs.prepare(settings()), jobs.prepare(settings())
    with worker.held(run):  # whose worker is killed after that
        old = tickets.take(run, "cpu")
        tickets.take(later, "cpu")
    assert tickets.number(run) == old
    worker._queue_up(run)
    assert tickets.number(run) == old + 2


def test_a_launched_worker_keeps_the_ticket_that_was_taken_for_it(settings, monkeypatch):
    run = jobs.prepare(settings())
    monkeypatch.setenv(worker.TICKET, str(tickets.take(run, "cpu")))
    before = tickets.number(run)
    worker._queue_up(run)
    assert tickets.number(run) == before


def test_a_finished_run_is_not_begun_again_by_hand(settings, capsys):
    run = train(settings(epochs=1))
    assert worker.main([run.id]) == 1
    assert "is finished" in capsys.readouterr().err
