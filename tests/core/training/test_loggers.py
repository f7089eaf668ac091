"""TensorBoard and MLflow get each epoch's figures where they are asked for, and never fail a run."""

import sys
import types

import numpy as np
import pytest

from core.training import jobs, loggers, report
from tests.core.training.trained import train


class Writer:
    """Stands for torch.utils.tensorboard.SummaryWriter."""

    made: list["Writer"] = []  # noqa: RUF012

    def __init__(self, folder, purge_step=None):
        self.folder, self.scalars, self.closed = folder, [], False
        Writer.made.append(self)

    def add_scalar(self, name, value, step):
        self.scalars.append((name, value, step))

    def flush(self):
        pass

    def close(self):
        self.closed = True


@pytest.fixture
def tensorboard(monkeypatch):
    """A tensorboard package that remembers what it was given."""
    Writer.made = []
    module = types.ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = Writer
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.setattr("torch.utils.tensorboard", module, raising=False)
    monkeypatch.setenv(loggers.TENSORBOARD, "1")
    return Writer


def mlflow(**changes):
    """An mlflow module that remembers what it was given."""
    module, heard = types.ModuleType("mlflow"), []

    def hear(name):
        def call(*values, **named):
            heard.append((name, values, named))
            return types.SimpleNamespace(info=types.SimpleNamespace(run_id="abc"))

        return call

    for name in ("set_tracking_uri", "set_experiment", "start_run", "log_params", "log_metrics", "end_run"):
        setattr(module, name, changes.get(name) or hear(name))
    module.heard = heard
    return module


def test_without_the_settings_nothing_is_loaded(settings, monkeypatch):
    monkeypatch.delenv(loggers.TENSORBOARD, raising=False)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert train(settings(epochs=1)).status()["notes"] == []


def test_tensorboard_gets_every_epoch(settings, tensorboard):
    run = train(settings())
    (writer,) = tensorboard.made
    assert writer.folder == str(run.folder / "tensorboard") and writer.closed
    losses = [(value, step) for name, value, step in writer.scalars if name == "validation/loss"]
    assert losses == [(entry["validation_loss"], entry["epoch"]) for entry in run.history()]


def test_a_quick_run_is_logged_too(settings, tensorboard):
    run = train(settings(mode="quick"))
    logged = {name: value for name, value, _ in tensorboard.made[0].scalars}
    assert logged["validation/accuracy"] == run.history()[0]["validation_accuracy"]


def test_mlflow_gets_settings_and_figures_and_goes_on_in_the_same_run(settings, monkeypatch):
    from core.training import report

    module = mlflow()
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setenv(loggers.MLFLOW, "http://127.0.0.1:5000")
    run = train(settings())
    names = [name for name, *_ in module.heard]
    assert names[:3] == ["set_tracking_uri", "set_experiment", "start_run"]
    assert names[3:] == ["log_params", "log_metrics", "log_metrics", "end_run"]
    parameters = module.heard[3][1][0]
    assert parameters["fieldguide_run"] == run.id and parameters["batch_size"] == 8
    assert module.heard[5][2] == {"step": 2}
    with loggers.opened(run, report.Status(run)):
        pass
    assert ("start_run", (), {"run_id": "abc"}) in module.heard


@pytest.mark.parametrize(
    ("variable", "module", "package"),
    [(loggers.TENSORBOARD, "torch.utils.tensorboard", "tensorboard"), (loggers.MLFLOW, "mlflow", "mlflow")],
)
def test_a_missing_package_is_a_sentence_in_the_runs_notes(settings, monkeypatch, variable, module, package):
    monkeypatch.setenv(variable, "1")
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delattr("torch.utils.tensorboard", raising=False)
    (note,) = train(settings(epochs=1)).status()["notes"]
    assert f"{variable} is set, but the package {package} is not installed" in note
    assert "pip install -r requirements-logging.txt" in note


def test_a_server_that_stops_answering_does_not_take_the_run_along(settings, monkeypatch):
    def gone(*_, **__):
        raise ConnectionError("connection refused")

    monkeypatch.setitem(sys.modules, "mlflow", mlflow(log_metrics=gone))
    monkeypatch.setenv(loggers.MLFLOW, "http://127.0.0.1:1")
    (note,) = train(settings()).status()["notes"]
    assert "Logging to MLflow failed and is left off (connection refused)" in note


def test_the_real_tensorboard_reads_what_was_written(settings, monkeypatch):
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator",
        reason="tensorboard is not installed: pip install -r requirements-logging.txt",
    )
    monkeypatch.setenv(loggers.TENSORBOARD, "1")
    run = train(settings())
    assert run.status()["notes"] == []
    found = reader.EventAccumulator(str(run.folder / "tensorboard"))
    found.Reload()
    events = [(event.step, event.value) for event in found.Scalars("validation/accuracy")]
    expected = [(entry["epoch"], entry["validation_accuracy"]) for entry in run.history()]
    assert np.array(events) == pytest.approx(np.array(expected))


@pytest.mark.parametrize(
    ("error", "ended"), [(report.Stopped(report.Asked.CANCEL), "KILLED"), (OSError(), "FAILED")]
)
def test_a_run_that_does_not_finish_is_not_called_finished(settings, monkeypatch, error, ended):
    module = mlflow()
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setenv(loggers.MLFLOW, "http://127.0.0.1:5000")
    run = jobs.prepare(settings())
    with pytest.raises(type(error)), loggers.opened(run, report.Status(run)):
        raise error
    assert module.heard[-1] == ("end_run", (ended,), {})
