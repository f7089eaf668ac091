"""What goes wrong with a run is told in a sentence: the disk, the memory, the loss, the images."""

import numpy as np
import pytest

from core import runs
from core import workspace as workspaces
from core.data import datasets
from core.errors import ConfigError, TrainingError, WorkspaceError
from core.model import network
from core.training import jobs, notes
from tests.core.training.trained import stop_after, train, weights


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


def test_a_deleted_dataset_is_a_sentence(settings):
    config = settings()
    with pytest.raises(WorkspaceError):
        jobs.prepare(config.but(dataset="gone"))
    assert runs.all_runs() == []


def test_a_damaged_checkpoint_is_a_sentence(settings):
    run = jobs.prepare(settings())
    jobs.run_here(run, stop_after(run, "pause", "Epoch 1 of 2, step 1"))
    (run.folder / "checkpoint.pt").write_bytes(b"no checkpoint")
    jobs.resume(run.id, detach=False)
    assert run.state() == "failed"
    assert "checkpoint.pt cannot be read" in run.status()["error"]


def test_a_split_from_before_an_image_was_overwritten_is_refused(settings, tiny_folder):
    file = tiny_folder / "red" / "00.png"
    file.write_bytes((tiny_folder / "blue" / "00.png").read_bytes())
    datasets.refresh("tiny")
    with pytest.raises(TrainingError, match=r"1 of its images .* another content, the first is red/00\.png"):
        jobs.prepare(settings())


def test_a_name_that_is_too_long_is_refused_before_there_is_a_run(settings):
    with pytest.raises(ConfigError, match="The name has 81 characters"):
        jobs.prepare(settings(name="x" * 81))
    assert runs.all_runs() == []


def test_a_name_that_was_too_long_all_the_same_closes_no_page(settings):
    run = jobs.prepare(settings())
    config = run.config() | {"name": "x" * 200, "tags": ["y" * 90] * 40, "note": "z" * 9000}
    workspaces.write_json(run.folder / "config.json", config)
    said = notes.read(run)
    assert len(said.name) == notes.LONGEST_NAME and len(said.note) == notes.LONGEST_NOTE
    assert said.tags == ("y" * notes.LONGEST_TAG,)
