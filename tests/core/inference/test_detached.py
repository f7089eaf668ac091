"""A folder answered by a process of its own: it goes on alone, stops when asked, and is taken up again."""

import os
import threading
import time
from pathlib import Path

import pytest

from core import workspace as workspaces
from core.errors import InferenceError
from core.inference import answered, detached, detached_worker, predictor, unknown


def names(batch):
    return [name for part in answered.read(batch.folder) for name in part["name"]]


def wait(batch, *states, seconds=90):
    until = time.monotonic() + seconds
    while (said := detached.state(batch))["state"] not in states and time.monotonic() < until:
        time.sleep(0.1)
    return said


@pytest.fixture
def unspawned(monkeypatch):
    """Asking starts no process; the test plays it, and does without knowing the unknown."""
    monkeypatch.setattr("core.asked.spawn", lambda *given, **options: None)
    monkeypatch.setattr(unknown, "ensure", lambda run: False)


def test_a_process_of_its_own_answers_the_folder(run, tiny_folder):
    (tiny_folder / "broken.png").write_bytes(b"broken")
    batch = detached.ask(run, tiny_folder)
    assert wait(batch, "ready", "failed")["done"] == 37
    model = predictor.load(run.id)
    view = answered.judged(batch.folder, answered.Rule(decision=model.decision)).set_index("name")
    assert view["error"].notna().sum() == 1 and "image" in view.loc["broken.png", "error"]
    expected = model.predict([tiny_folder / "red" / "01.png"])[0]
    assert view.loc["red/01.png", "label"] == expected.label
    assert [one.folder for one in detached.known(run)] == [batch.folder]
    workspaces.lock(batch.lock_path, timeout=10).acquire()  # the process is gone


def test_killed_it_is_interrupted_and_goes_on_where_it_was(run, tiny_folder, monkeypatch, unspawned):
    monkeypatch.setattr(answered, "PART", 10)
    batch = detached.ask(run, tiny_folder)
    detached_worker.carry_out(batch)
    sorted(batch.folder.glob("*.parquet"))[-1].unlink()  # as if killed within the last part
    detached.tell(batch, "working", done=33, total=36)
    assert detached.state(batch)["state"] == "interrupted"
    asked = []
    predict = predictor.Predictor.answer_pixels
    monkeypatch.setattr(
        predictor.Predictor,
        "answer_pixels",
        lambda model, pixels: asked.append(len(pixels)) or predict(model, pixels),
    )
    assert detached_worker.carry_out(detached.ask(run, tiny_folder)) == "ready"
    assert sum(asked) == 6 and len(names(batch)) == 36


def test_asked_to_stop_it_keeps_what_it_has(run, tiny_folder, monkeypatch, unspawned):
    batch = detached.ask(run, tiny_folder)
    seen = []
    monkeypatch.setattr(Path, "exists", _exists_after(batch.stop_path, seen, 8))
    assert detached_worker.carry_out(batch) == "stopped"
    said = detached.state(batch)
    assert said["state"] == "stopped" and said["done"] == len(names(batch)) and 0 < said["done"] < 36
    monkeypatch.undo()


def _exists_after(path, seen, looks):
    """`Path.exists`, for which `path` comes into being after so many looks."""
    real = Path.exists

    def exists(self, **options):
        if self == path:
            seen.append(1)
            return len(seen) > looks
        return real(self, **options)

    return exists


def test_other_images_than_before_are_answered_anew(run, tiny_folder, unspawned):
    batch = detached.ask(run, tiny_folder)
    detached_worker.carry_out(batch)
    (tiny_folder / "blue" / "00.png").unlink()
    detached_worker.carry_out(detached.ask(run, tiny_folder))
    assert len(names(batch)) == 35 and "blue/00.png" not in names(batch)
    changed = tiny_folder / "green" / "00.png"
    changed.write_bytes((tiny_folder / "red" / "00.png").read_bytes())
    os.utime(changed, ns=(1, 1))
    detached_worker.carry_out(detached.ask(run, tiny_folder))
    part = next(answered.read(batch.folder)).set_index("name")
    assert part.loc["green/00.png", "time"] == 1 and len(names(batch)) == 35


def test_images_that_were_added_at_the_end_are_the_only_new_work(run, tiny_folder, unspawned):
    batch = detached.ask(run, tiny_folder)
    detached_worker.carry_out(batch)
    first = sorted(batch.folder.glob("*.parquet"))[0]
    before = first.stat().st_mtime_ns
    (tiny_folder / "zebra").mkdir()
    (tiny_folder / "zebra" / "0.png").write_bytes((tiny_folder / "red" / "00.png").read_bytes())
    detached_worker.carry_out(detached.ask(run, tiny_folder))
    assert names(batch)[-1] == "zebra/0.png" and len(names(batch)) == 37
    assert first.stat().st_mtime_ns == before


def test_a_name_that_is_no_text_is_refused_in_its_place(run, tiny_folder, unspawned):
    Path(os.fsdecode(os.fsencode(tiny_folder) + b"/\xff.png")).write_bytes(b"1")
    batch = detached.ask(run, tiny_folder)
    assert detached_worker.carry_out(batch) == "ready"
    part = next(answered.read(batch.folder)).set_index("name")
    assert "not valid text" in part.loc["\\xff.png", "error"] and len(part) == 37


def test_weights_and_mirror_have_answers_of_their_own(run, tiny_folder, unspawned):
    one, two = detached.ask(run, tiny_folder), detached.ask(run, tiny_folder, mirrored=True)
    assert one.folder != two.folder and len(detached.known(run)) == 2
    os.utime(run.folder / "model.safetensors")
    assert detached.known(run) == []


def test_a_folder_that_is_not_there_and_a_run_without_a_model_are_sentences(run, tmp_path):
    with pytest.raises(InferenceError, match="There is no /no/such/folder on the server"):
        detached.ask(run, Path("/no/such/folder"))
    (run.folder / "model.safetensors").unlink()
    with pytest.raises(InferenceError, match="has no model yet"):
        detached.ask(run, tmp_path)


def test_a_failure_is_told(run, tiny_folder, unspawned):
    batch = detached.ask(run, tiny_folder)
    (run.folder / "model.safetensors").write_bytes(b"damaged")
    assert detached_worker.carry_out(batch) == "failed"
    assert "damaged" in detached.state(batch)["message"]


def test_while_it_works_it_is_not_forgotten(run, tiny_folder, unspawned):
    batch = detached.ask(run, tiny_folder)
    with workspaces.lock(batch.lock_path), pytest.raises(InferenceError, match="Stop that first"):
        detached.forget(batch)
    detached.forget(batch)
    assert not batch.folder.exists()


def test_a_second_folder_waits_for_the_first_and_can_be_stopped_meanwhile(run, tiny_folder, unspawned):
    batch = detached.ask(run, tiny_folder)
    ended = []
    with workspaces.lock(workspaces.cache_folder("answers") / "turn.lock"):
        thread = threading.Thread(target=lambda: ended.append(detached_worker.carry_out(batch)))
        thread.start()
        with workspaces.lock(batch.lock_path):  # as its process would hold it
            assert wait(batch, "waiting", seconds=20)["state"] == "waiting"
        detached.stop(batch)
        thread.join(20)
    assert ended == ["stopped"] and detached.state(batch)["state"] == "stopped"
