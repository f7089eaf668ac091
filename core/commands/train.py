"""`train` and what belongs to runs: `runs`, `cancel`, `pause`, `resume`, `wait`, `forecast`, `lr-find`."""

from collections.abc import Callable
from typing import Any

import click

from core import runs as run_store
from core.commands import output
from core.errors import ConfigError, TrainingError
from core.training import config as configs
from core.training import jobs

Command = Callable[..., Any]
NUMBERS: dict[str, type] = {
    "epochs": int,
    "batch_size": int,
    "learning_rate": float,
    "backbone_learning_rate": float,
    "layer_decay": float,
    "weight_decay": float,
    "image_size": int,
    "early_stop": int,
    "head_epochs": int,
    "label_smoothing": float,
    "clip": float,
    "ema": float,
    "seed": int,
    "threads": int,
    "views": int,
    "folds": int,
}
TEXTS = ("backbone", "weights", "device", "name")


def _settings(command: Command) -> Command:
    """Give a command an option for every setting of `TrainingConfig`; those not given stay None."""
    for field, kind in NUMBERS.items():
        command = click.option(_flag(field), field, type=kind, help=configs.HELP[field])(command)
    for field, accepted in configs.CHOICES.items():
        option = click.option(_flag(field), field, type=click.Choice(accepted), help=configs.HELP[field])
        command = option(command)
    for field in TEXTS:
        command = click.option(_flag(field), field, help=configs.HELP.get(field))(command)
    command = click.option(
        "--download", is_flag=True, default=None, help="Fetch ImageNet weights if need be."
    )(command)
    return click.option("--start-from", help="Begin with the best weights of this run.")(command)


def _flag(field: str) -> str:
    return "--" + field.replace("_", "-")


@click.command()
@click.option("--dataset", help="The dataset to learn.")
@click.option("--split", help="A split of it.")
@_settings
@click.option("--resume", "resumed", metavar="RUN", help="Go on with this run instead of starting one.")
@click.option("--detach", is_flag=True, help="Return at once; the run goes on by itself.")
@click.option(
    "--prepare",
    "only_prepare",
    is_flag=True,
    help="Write the run and start nothing: for torchrun, or a later resume.",
)
@output.json_option
def train(
    dataset: str | None,
    split: str | None,
    resumed: str | None,
    detach: bool,
    only_prepare: bool,
    as_json: bool,
    **settings: Any,
) -> None:
    """Finetune a model on a split of a dataset."""
    if resumed is not None:
        if only_prepare:
            raise ConfigError(
                "--prepare makes a new run, and --resume goes on with one: give one of the two."
            )
        run = jobs.resume(resumed, detach=detach, on_progress=output.progress())
        return _report(run, as_json)
    if dataset is None or split is None:
        raise ConfigError("train needs --dataset and --split, or --resume with a run.")
    given = {key: value for key, value in settings.items() if value is not None}
    config = configs.TrainingConfig(dataset=dataset, split=split, **given)
    run = jobs.launch(config) if detach and not only_prepare else jobs.prepare(config)
    if not detach and not only_prepare:
        jobs.run_here(run, output.progress())
    _report(run, as_json)


@click.command()
@output.json_option
def runs(as_json: bool) -> None:
    """List all runs, newest first."""
    rows = [_row(run) for run in run_store.all_runs()]
    lines = [
        f"{row['run']}  {row['state']:<11}  {row['dataset']} / {row['split']}  "
        f"{_percent(row['validation_accuracy'])}"
        for row in rows
    ]
    broken = [run.id for run in run_store.damaged()]
    lines += [f"{run_id}  damaged: its configuration cannot be read; delete its folder" for run_id in broken]
    payload = {"runs": rows} | ({"damaged": broken} if broken else {})
    output.emit(as_json, payload, "\n".join(lines) or "There are no runs yet.")


@click.command()
@click.argument("run")
@output.json_option
def cancel(run: str, as_json: bool) -> None:
    """Stop a run; it can be resumed."""
    jobs.cancel(run)
    _tell_state(run, as_json)


@click.command()
@click.argument("run")
@output.json_option
def pause(run: str, as_json: bool) -> None:
    """Stop a run for now, in the midst of an epoch if need be; `resume` takes it up there."""
    jobs.pause(run)
    _tell_state(run, as_json)


@click.command()
@click.argument("run")
@click.option("--detach", is_flag=True, help="Return at once; the run goes on by itself.")
@output.json_option
def resume(run: str, detach: bool, as_json: bool) -> None:
    """Let a stopped run go on, to the same result as if it had never stopped."""
    _report(jobs.resume(run, detach=detach, on_progress=output.progress()), as_json)


@click.command()
@click.argument("run")
@click.option("--timeout", type=float, help="Seconds to wait at most.")
@output.json_option
def wait(run: str, timeout: float | None, as_json: bool) -> None:
    """Wait until a run has ended."""
    if jobs.wait(run, timeout) == "interrupted":
        raise TrainingError(f"Run {run} was interrupted: its worker ended without a word. Resume it.")
    _report(run_store.load(run), as_json)


def _tell_state(run_id: str, as_json: bool) -> None:
    """Give a worker a moment to do as it was asked, then say where the run stands."""
    state = jobs.wait(run_id, timeout=10.0)
    output.emit(as_json, {"run": run_id, "state": state}, f"{run_id} is {state}.")


def _report(run: run_store.Run, as_json: bool) -> None:
    """Say what came of a run.

    Raises:
        TrainingError: it failed.
    """
    status = run.status()
    if status["state"] == "failed":
        raise TrainingError(f"Run {run.id} failed: {status['error']}")
    weights, config = status.get("weights") or {}, run.config()
    chosen = {name: config.get(name) for name in ("image_size", "learning_rate", "backbone_learning_rate")}
    payload = {
        "run": run.id,
        "state": status["state"],
        "weights": weights.get("kind"),
        "weights_origin": weights.get("origin"),
        "best_epoch": status.get("best_epoch"),
        "validation": status.get("validation"),
        "seconds": status.get("seconds"),
        "peak_bytes": status.get("peak_bytes"),
        **chosen,
    }
    accuracy = (status.get("validation") or {}).get("accuracy")
    text = f"{run.id} is {status['state']}."
    if accuracy is not None:
        text += (
            f" Validation accuracy {accuracy:.3f} (epoch {status['best_epoch']}), {status['seconds']:.0f} s. "
            f"Weights: {weights.get('origin')}.{_learnt_with(config)}"
        )
    output.emit(as_json, payload, text)


def _learnt_with(config: dict[str, Any]) -> str:
    """The image size and the rates that the run took."""
    if config["mode"] == "quick":
        return f" Image size {config['image_size']}."
    return (
        f" Image size {config['image_size']}, learning rate {config['learning_rate']:g} for the head, "
        f"{config['backbone_learning_rate']:g} for the backbone."
    )


def _row(run: run_store.Run) -> dict[str, Any]:
    config, status = run.config(), run.status()
    return {
        "run": run.id,
        "dataset": run.dataset() or config["dataset"],
        "split": config["split"],
        "state": status["state"],
        "created": config["created"],
        "validation_accuracy": (status.get("validation") or {}).get("accuracy"),
    }


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


@click.command()
@click.option("--dataset", required=True, help="The dataset to learn.")
@click.option("--split", required=True, help="A split of it.")
@_settings
@output.json_option
def forecast(dataset: str, split: str, as_json: bool, **settings: Any) -> None:
    """Tell what accuracy to expect, whether more images would help, and what a full finetuning takes."""
    from core.training import forecast as forecasting

    given = {key: value for key, value in settings.items() if value is not None}
    config = configs.TrainingConfig(dataset=dataset, split=split, **given)
    found = forecasting.make(config, output.progress())
    cost, (low, high) = found["cost"], found["interval"]
    points = ", ".join(
        f"{point['fraction']:.0%}: {point['accuracy']:.1%}" for point in found["learning_curve"]
    )
    text = (
        f"Expected accuracy {found['accuracy']:.1%} ({low:.1%} to {high:.1%}).\n"
        f"By share of the images: {points}.\n"
        f"{found['advice']}\nA full finetuning takes about {found['seconds_full']:.0f} s"
        + (f", after {cost['queue_seconds']:.0f} s in the queue" if cost["queue_seconds"] else "")
        + (" (timed while another run was at work: it may take less)." if cost["contended"] else ".")
    )
    output.emit(as_json, found, text)


@click.command()
@click.option("--dataset", required=True, help="The dataset to learn.")
@click.option("--split", required=True, help="A split of it.")
@_settings
@output.json_option
def lr_find(dataset: str, split: str, as_json: bool, **settings: Any) -> None:
    """Try rising learning rates with these settings, and suggest one; nothing of the training is kept."""
    from core.training import rate_finder

    given = {key: value for key, value in settings.items() if value is not None}
    config = configs.TrainingConfig(dataset=dataset, split=split, **given)
    found = rate_finder.find(config, output.progress())
    now = found["current"]["learning_rate"]
    if found["suggested"] is None:
        text = f"The loss falls at none of these rates: keep {now:g}, or look at the images and labels."
    else:
        text = (
            f"Suggested: --learning-rate {found['suggested']:.2g} --backbone-learning-rate "
            f"{found['suggested_backbone']:.2g} (without them the run takes {now:g})."
        )
    output.emit(as_json, found, text)
