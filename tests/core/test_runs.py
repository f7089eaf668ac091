import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import runs
from core import workspace as ws
from core.errors import NotFoundError, TrainingError


@pytest.fixture
def run(workspace: Path) -> runs.Run:
    manifest = pd.DataFrame(
        {
            "path": ["cat/1.png", "dog/1.png", "cat/2.png"],
            "file": ["/x/cat/1.png", "/x/dog/1.png", "/x/cat/2.png"],
            "label": ["cat", "dog", "cat"],
            "class_index": [0, 1, 0],
            "subset": ["train", "validation", "validation"],
            "group": [None, None, None],
            "sha256": ["a", "b", "c"],
        }
    )
    return runs.create({"dataset": "pets"}, manifest, name="first")


def write_state(run: runs.Run, state: str, *, age: float = 0.0) -> None:
    path = run.folder / "status.json"
    ws.write_json(path, {"state": state})
    then = time.time() - age
    os.utime(path, (then, then))


def test_a_run_keeps_its_configuration_and_classes(run: runs.Run) -> None:
    again = runs.load(run.id)
    assert again.config()["dataset"] == "pets"
    assert again.classes() == ["cat", "dog"]
    assert again.manifest()["label"].tolist() == ["cat", "dog", "cat"]
    assert [found.id for found in runs.all_runs()] == [run.id]


def test_a_freshly_queued_run_has_time_to_start(run: runs.Run) -> None:
    write_state(run, "queued")
    assert run.state() == "queued"
    write_state(run, "queued", age=runs.STARTING_SECONDS + 5)
    assert run.state() == "interrupted"


def test_without_a_living_worker_running_means_interrupted(run: runs.Run) -> None:
    write_state(run, "running")
    assert run.state() == "interrupted"
    with ws.lock(run.lock_path):
        assert run.state() == "running"


@pytest.mark.parametrize("state", sorted(runs.FINAL))
def test_a_final_state_needs_no_worker(run: runs.Run, state: str) -> None:
    write_state(run, state)
    assert run.state() == state


def test_predictions_come_back_by_subset(run: runs.Run) -> None:
    table = pd.DataFrame(
        {
            "path": ["dog/1.png", "cat/2.png"],
            "subset": ["validation", "validation"],
            "true": [1, 0],
            "logits": [[0.0, 1.0], [2.0, -1.0]],
        }
    )
    ws.write_table(run.folder / "predictions.parquet", table)
    found = run.predictions("validation")
    assert found.paths == ["dog/1.png", "cat/2.png"]
    np.testing.assert_array_equal(found.logits, [[0.0, 1.0], [2.0, -1.0]])
    np.testing.assert_array_equal(found.true, [1, 0])
    with pytest.raises(TrainingError, match="no test images"):
        run.predictions("test")


def test_predictions_of_an_unfinished_run_are_a_sentence(run: runs.Run) -> None:
    with pytest.raises(TrainingError, match="Let it finish first"):
        run.predictions("validation")


def test_an_unknown_run_names_the_known_ones(run: runs.Run) -> None:
    with pytest.raises(NotFoundError, match=run.id):
        runs.load("nothing")


def test_a_living_run_is_not_deleted(run: runs.Run) -> None:
    write_state(run, "running")
    with ws.lock(run.lock_path), pytest.raises(TrainingError, match="Cancel it"):
        runs.delete(run.id)
    runs.delete(run.id)
    assert runs.all_runs() == []


def test_a_damaged_run_stands_in_nobodys_way_and_can_be_deleted(run: runs.Run) -> None:
    broken = ws.folder("runs", "20260101-000000-dead")
    (broken / "config.json").write_text("{")
    (ws.folder("runs", "20260101-000000-odd") / "config.json").write_text("[1]")
    assert [found.id for found in runs.all_runs()] == [run.id]
    assert [found.id for found in runs.damaged()] == ["20260101-000000-dead", "20260101-000000-odd"]
    with pytest.raises(NotFoundError, match=run.id):
        runs.load("nothing")
    runs.delete("20260101-000000-dead")
    assert [found.id for found in runs.damaged()] == ["20260101-000000-odd"]


def test_of_a_damaged_status_only_the_lock_is_believed(run: runs.Run) -> None:
    (run.folder / "status.json").write_text("{")
    assert run.state() == "interrupted"
    assert "damaged" in run.status()["error"]
    with ws.lock(run.lock_path):
        assert run.state() == "running"


def test_what_was_seen_of_a_run_is_kept_with_it(run: runs.Run) -> None:
    assert run.seen() == []
    run.mark_seen("metrics")
    run.mark_seen("metrics")
    assert runs.load(run.id).seen() == ["metrics"]


@pytest.mark.parametrize(("state", "goes"), [("queued", False), ("paused", False), ("cancelled", True)])
def test_a_run_that_another_still_starts_from_is_not_deleted(run: runs.Run, state: str, goes: bool) -> None:
    later = runs.create({"dataset": "pets", "start_from": run.id}, run.manifest())
    write_state(later, state)
    if goes:
        runs.delete(run.id)
        assert not run.folder.exists()
    else:
        with pytest.raises(TrainingError, match=f"{later.id} starts from run {run.id}, and is {state}"):
            runs.delete(run.id)


def test_a_run_without_a_model_says_so(run: runs.Run) -> None:
    write_state(run, "paused")
    with pytest.raises(TrainingError, match="no model yet: it is paused"):
        run.model_card()
