"""Whose turn it is: tickets, the queue of a device, several devices."""

import threading
import time

import pytest
import torch

from core import workspace as workspaces
from core.errors import TrainingError
from core.training import device, jobs, report, tickets, worker


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


@pytest.mark.parametrize("choice", ["auto", "cuda"])
def test_a_gpu_is_chosen_by_number_as_torch_wants_it(monkeypatch, choice):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    picked = device.pick(choice)
    assert picked == torch.device("cuda", 0)
    taken = []
    monkeypatch.setattr(torch._C, "_cuda_setDevice", taken.append, raising=False)
    torch.cuda.set_device(picked)  # refuses a device without a number
    assert taken == [0]


@pytest.mark.parametrize(("own", "chosen"), [(True, "bf16"), (False, "fp16")])
def test_bf16_is_taken_where_the_gpu_computes_it_itself(monkeypatch, own, chosen):
    def supported(including_emulation=True):
        return including_emulation or own

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert device.precision("auto", torch.nn.Linear(1, 1), 224, torch.device("cuda", 0)) == chosen
