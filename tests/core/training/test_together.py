"""Several processes that train one run, over gloo: they come to the result of one, and fail as one."""

import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from core import workspace as workspaces
from core.data import datasets
from core.split import config as split_configs
from core.split import store as splits
from core.training import jobs, tickets, worker
from tests.core.training.test_worker import until
from tests.core.training.trained import train

OPTIONS = {
    "backbone": "resnet18",
    "batch_norm": "frozen",
    "batch_size": 6,
    "learning_rate": 1e-3,
    "epochs": 1,
}
SABOTAGE = """
import os, sys
import torch
from core.model import network
from core.training import worker

mode, rank = sys.argv[2], int(os.environ["RANK"])
real = network.Classifier.forward


def scarce(self, x):
    if self.training and len(x) > 1:
        raise torch.OutOfMemoryError("out of memory")
    return real(self, x)


def spoilt(self, x):
    if self.training:
        self.backbone.layer3[0].conv1.weight.data.fill_(float("inf"))
    return real(self, x)


def broken(self, x):
    if self.training:
        raise KeyError("surprise")
    return real(self, x)


if rank == 1 and mode:
    network.Classifier.forward = {"scarce": scarce, "spoilt": spoilt, "broken": broken}[mode]
sys.exit(worker.main(sys.argv[1:2]))
"""


@pytest.fixture
def together(tmp_path):
    """Starts processes for a run as torchrun would; the second may be sabotaged."""
    script = tmp_path / "start.py"
    script.write_text(SABOTAGE)
    started = []

    def start(run, size, mode=""):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        common = {"WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        common |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(workspaces.CHECKOUT)}
        for rank in range(size):
            process = subprocess.Popen(
                [sys.executable, str(script), run.id, mode],
                cwd=workspaces.CHECKOUT,
                env=os.environ | common | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
                stderr=subprocess.PIPE,
                text=True,
            )
            started.append(process)
        return started

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ends(processes, seconds=150.0):
    """Wait for all; returns their exit codes."""
    limit = time.monotonic() + seconds
    return [process.wait(timeout=max(limit - time.monotonic(), 0.1)) for process in processes]


def assert_alike(run, alone):
    assert len(run.history()) == len(alone.history())
    for mine, theirs in zip(run.history(), alone.history(), strict=True):
        assert mine["train_loss"] == pytest.approx(theirs["train_loss"], abs=1e-3)
        assert mine["validation_loss"] == pytest.approx(theirs["validation_loss"], abs=1e-3)


def test_two_processes_under_torchrun_come_to_the_result_of_one(settings):
    """Same global batch, same order, same augmentation: the loss agrees to 1e-3."""
    options = OPTIONS | {"epochs": 2}
    alone = train(settings(**options))
    run = jobs.prepare(settings(**options))
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
    assert_alike(run, alone)


def test_more_processes_than_images_to_go_round_one_of_them_short_of_memory(settings, together):
    """Batches of seven, and two left over, for four processes; three validation images; and one process
    that can only take image by image, so that all of them do.
    """
    options = OPTIONS | {"batch_size": 7}
    config = settings(**options)
    division = split_configs.SplitConfig(train=0.8, validation=0.1, test=0.1, group_by="none")
    counts = splits.make("few", datasets.load("tiny"), division).counts()
    assert sum(counts["train"].values()) % 7 == 2 and sum(counts["validation"].values()) == 3
    alone, run = train(config.but(split="few")), jobs.prepare(config.but(split="few"))
    assert ends(together(run, 4, "scarce")) == [0, 0, 0, 0], run.status()
    assert "1 images at once" in run.status()["memory"]
    assert_alike(run, alone)
    assert np.abs(run.predictions("validation").logits - alone.predictions("validation").logits).max() < 1e-2


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("spoilt", "in epoch 1, step 1: first seen at layer backbone.layer3.0.conv1"),
        ("broken", "KeyError: 'surprise'"),
    ],
)
def test_an_error_in_another_process_is_told_in_its_own_words(settings, together, mode, words):
    run = jobs.prepare(settings(**OPTIONS))
    assert ends(together(run, 2, mode)) == [1, 1]
    assert run.state() == "failed"
    assert words in run.status()["error"]


def test_processes_that_wait_in_the_queue_leave_it_together_when_cancelled(settings, together):
    head, run = jobs.prepare(settings()), jobs.prepare(settings())
    with worker.held(head):
        tickets.take(head, "cpu")
        processes = together(run, 2)
        until(lambda: run.status().get("queue_ahead") == 1)
        jobs.cancel(run.id)
        assert ends(processes, seconds=60) == [0, 0]
    assert run.state() == "cancelled"
