"""What counts as a queue that kept its order, and as a right result."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import runs
from core import workspace as workspaces

pytest.importorskip("playwright")
launches = pytest.importorskip("benchmarks.launches")
MANIFEST = pd.DataFrame({"path": ["a", "b"], "label": ["x", "y"], "class_index": [0, 1], "subset": "test"})


def made(ticket: int, begun: int, ended: int, *, score: float = 1.0) -> str:
    """A run that held a ticket and was at work between two minutes; returns its id."""
    run = runs.create({"dataset": "d", "split": "s"}, MANIFEST)
    times = {"started": f"2026-01-01T10:{begun:02d}:00", "finished": f"2026-01-01T10:{ended:02d}:00"}
    status = {"state": "finished", "ticket": ticket} | times
    workspaces.write_json(run.folder / "status.json", status)
    logits = list(np.array([[score, 0.0], [1.0, 0.0]], dtype=np.float32))
    answers = {"path": ["a", "b"], "subset": "test", "true": [0, 1], "logits": logits}
    workspaces.write_table(run.folder / "predictions.parquet", pd.DataFrame(answers))
    return run.id


def launch(run: str, *, pressed: float, shown: float, seed: int = 0):
    return launches.Launch(run=run, seed=seed, pressed=pressed, shown=shown)


def test_runs_one_after_the_other_in_the_order_of_presses_are_in_order(workspace: Path):
    found = [launch(made(n + 1, n, n + 1), pressed=n, shown=n + 0.5) for n in range(3)]
    assert launches.disorder(found) == []


def test_two_at_work_at_once_are_told(workspace: Path):
    found = [launch(made(1, 0, 5), pressed=0, shown=1), launch(made(2, 4, 8), pressed=0, shown=1)]
    assert launches.disorder(found) == [f"{found[1].run} began before {found[0].run} had ended"]


def test_a_later_press_with_an_earlier_ticket_is_told_but_not_one_of_the_same_moment(workspace: Path):
    late, early = made(1, 0, 1), made(2, 2, 3)
    found = [launch(early, pressed=0, shown=1), launch(late, pressed=2, shown=3)]
    assert launches.disorder(found) == [f"{early} was there before {late} was asked for, and came after it"]
    assert launches.disorder([launch(early, pressed=0, shown=4), found[1]]) == []


def test_a_run_that_failed_is_told(workspace: Path):
    run = made(1, 0, 1)
    workspaces.write_json(runs.load(run).folder / "status.json", {"state": "failed", "ticket": 1})
    assert launches.disorder([launch(run, pressed=0, shown=1)]) == [f"{run} is failed"]


def test_answers_that_differ_in_one_number_are_told(workspace: Path):
    alone, same, other = (made(n + 1, n, n + 1, score=score) for n, score in enumerate((2.0, 2.0, 2.5)))
    found = [launch(run, pressed=0, shown=1, seed=3) for run in (same, other)]
    assert launches.differing(found, {3: alone}) == [other]
    assert launches.accuracy(alone) == 0.5


def test_the_run_is_read_off_the_address():
    assert launches.run_in("http://x:1/finetune?dataset=d&run=20260101-1") == "20260101-1"
    assert launches.run_in("http://x:1/finetune") == ""
