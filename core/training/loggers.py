"""TensorBoard and MLflow, where a team has them: each epoch's figures go there too.

FIELDGUIDE_TENSORBOARD=1 writes runs/<id>/tensorboard; FIELDGUIDE_MLFLOW names a tracking server or folder.
Neither can fail a run: what is missing or does not answer becomes a note, and the run goes on.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import Any, Literal, Protocol

from core import runs, workspace
from core.errors import NotFoundError
from core.training import report

TENSORBOARD, MLFLOW = "FIELDGUIDE_TENSORBOARD", "FIELDGUIDE_MLFLOW"
OFF = ("", "0", "off", "no", "false")
FIGURES = (
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "validation_balanced_accuracy",
    "validation_macro_f1",
    "learning_rate",
    "images_per_second",
)
MISSING = (
    "{variable} is set, but the package {package} is not installed: nothing is logged there. Install it with "
    "pip install -r requirements-logging.txt."
)
UNREACHED = "Logging to {title} failed and is left off ({reason}); the run itself goes on."


End = Literal["FINISHED", "FAILED", "KILLED"]
"""How a run ends, in MLflow's words; what was paused is killed, until it is resumed."""


class Place(Protocol):
    """Somewhere that figures are logged to."""

    title: str

    def log(self, figures: dict[str, float], epoch: int) -> None: ...

    def close(self, ended: End) -> None: ...


class TensorBoard:
    """An event file beside the run."""

    title = "TensorBoard"

    def __init__(self, run: runs.Run) -> None:
        from torch.utils import tensorboard

        done = len(run.history())
        folder = str(run.folder / "tensorboard")
        self.writer = tensorboard.SummaryWriter(folder, purge_step=done + 1 if done else None)  # type: ignore[no-untyped-call]

    def log(self, figures: dict[str, float], epoch: int) -> None:
        for name, value in figures.items():
            self.writer.add_scalar(name.replace("_", "/", 1), value, epoch)  # type: ignore[no-untyped-call]
        self.writer.flush()  # type: ignore[no-untyped-call]

    def close(self, ended: End) -> None:
        self.writer.close()  # type: ignore[no-untyped-call]


class MLflow:
    """A run on a tracking server; its id lies in mlflow.json, so that a resumed run goes on there."""

    title = "MLflow"

    def __init__(self, run: runs.Run) -> None:
        import mlflow

        self.client = mlflow
        mlflow.set_tracking_uri(os.environ[MLFLOW])
        mlflow.set_experiment("fieldguide")
        config, path = run.config(), run.folder / "mlflow.json"
        try:
            mlflow.start_run(run_id=workspace.read_json(path)["run_id"])
        except NotFoundError:
            begun = mlflow.start_run(run_name=config.get("name") or run.id)
            workspace.write_json(path, {"run_id": begun.info.run_id})
            mlflow.log_params({"fieldguide_run": run.id} | _parameters(config))

    def log(self, figures: dict[str, float], epoch: int) -> None:
        self.client.log_metrics(figures, step=epoch)

    def close(self, ended: End) -> None:
        self.client.end_run(ended)


class Loggers:
    """The places that a run logs to; one that fails is left off, with a note."""

    def __init__(self, status: report.Status | None, places: Sequence[Place]) -> None:
        self.status, self.places = status, list(places)

    def epoch(self, entry: dict[str, Any]) -> None:
        """Log one line of history."""
        figures = {name: float(entry[name]) for name in FIGURES if entry.get(name) is not None}
        for place in list(self.places):
            try:
                place.log(figures, int(entry["epoch"]))
            except Exception as error:  # a server may fail in any way, and must not take the run along
                self.places.remove(place)
                _tell(self.status, place.title, error)

    def close(self, ended: End) -> None:
        """Finish with every place, and say how the run has ended."""
        for place in self.places:
            try:
                place.close(ended)
            except Exception as error:  # as above
                _tell(self.status, place.title, error)


NONE = Loggers(None, ())


@contextlib.contextmanager
def opened(run: runs.Run, status: report.Status) -> Iterator[Loggers]:
    """The loggers that the environment asks for, closed at the end of the block."""
    found: list[Place] = []
    for variable, package, kind in ((TENSORBOARD, "tensorboard", TensorBoard), (MLFLOW, "mlflow", MLflow)):
        if os.environ.get(variable, "").strip().lower() in OFF:
            continue
        try:
            found.append(kind(run))
        except ImportError:
            status.note(MISSING.format(variable=variable, package=package))
        except Exception as error:  # a server that cannot be reached, say
            _tell(status, kind.title, error)
    loggers = Loggers(status, found)
    try:
        yield loggers
    except report.Stopped:
        loggers.close("KILLED")
        raise
    except BaseException:
        loggers.close("FAILED")
        raise
    loggers.close("FINISHED")


def _parameters(config: dict[str, Any]) -> dict[str, Any]:
    """The settings that a table of runs is sorted by."""
    hidden = ("classes", "asked", "chosen", "note", "tags")
    return {key: value for key, value in config.items() if key not in hidden and value is not None}


def _tell(status: report.Status | None, title: str, error: Exception) -> None:
    reason = (str(error).splitlines() or [""])[0][:200] or type(error).__name__
    if status is not None:
        status.note(UNREACHED.format(title=title, reason=reason))
