"""Runs as jobs: prepared, launched as detached workers, waited for, cancelled, paused and resumed.

Nothing here imports torch, so that pages may.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from core import progress as progresses
from core import runs, workspace
from core.errors import TrainingError
from core.model import catalog, weights_files
from core.training import config as configs
from core.training import estimates, manifests, notes, report, tickets, worker

LIVING = ("queued", "running")
STARTING_SECONDS = 30.0
POLL_SECONDS = 0.1


def prepare(config: configs.TrainingConfig) -> runs.Run:
    """Write the folder of a run; nothing is started.

    Raises:
        NotFoundError: there is no such dataset or split.
        TrainingError: the split is not of this dataset, or no longer of this version of it.
        ConfigError, WeightsError: a setting does not fit.
    """
    notes.Notes(name=config.name or "", tags=config.tags, note=config.note)  # or it says what is too long
    catalog.check(config.backbone)
    if config.image_size is not None:
        catalog.check_image_size(config.backbone, config.image_size)
    config = _with_absolute_weights(config)
    tickets.check_device(config.device)
    if config.start_from is not None:
        _check_start(config)
    else:
        weights_files.check(config.weights, config.backbone, download=config.download)
    manifest = manifests.make(config.dataset, config.split)
    record = config.to_dict()
    expected = estimates.of(config, manifest)
    extra = {"asked": record, **manifest.attrs["origin"]}
    extra |= {"expected_seconds": round(expected.seconds, 1)} if expected else {}
    run = runs.create(record | extra, manifest, name=config.name)
    report.Status(run).set(state="prepared", message="Prepared")
    return run


def launch(config: configs.TrainingConfig) -> runs.Run:
    """Prepare a run and start its worker, which goes on when this process ends.

    Raises:
        FieldguideError: as `prepare`; or the worker cannot be started.
    """
    run = prepare(config)
    start(run)
    return run


def start(run: runs.Run) -> None:
    """Start a worker for a run that has none; returns when it lives.

    Launches come one after the other, so that the order of tickets is the order of launches.

    Raises:
        TrainingError: the worker ended at once; its log says why.
    """
    with tickets.counter():
        ticket = worker.enqueue(run)
        process = _spawn(run, ticket)
        until = time.monotonic() + STARTING_SECONDS
        while not workspace.is_locked(run.lock_path) and run.status()["state"] not in runs.FINAL:
            if process.poll() is not None or time.monotonic() > until:
                raise TrainingError(f"The worker of run {run.id} did not start. {_last_words(run)}")
            time.sleep(POLL_SECONDS / 2)
    threading.Thread(target=process.wait, daemon=True).start()  # so that no zombie stays behind


def run_here(run: runs.Run, on_progress: progresses.Progress = progresses.silent) -> str:
    """Carry out a prepared or stopped run in this process; returns the state that it ended in."""
    with tickets.counter():
        worker.enqueue(run)
        holding = worker.held(run)
        holding.__enter__()
    try:
        return worker.carry_out(run, on_progress)
    finally:
        holding.__exit__(None, None, None)


def cancel(run_id: str) -> None:
    """Ask a run to stop; one without a worker is cancelled at once.

    Raises:
        TrainingError: it has already ended.
    """
    _ask(run_id, "cancel", "cancelled")


def pause(run_id: str) -> None:
    """Ask a run to stop for now: it keeps its place within the epoch, and `resume` takes it up there.

    Raises:
        TrainingError: it has already ended.
    """
    _ask(run_id, "pause", "paused")


def resume(
    run_id: str, *, detach: bool = True, on_progress: progresses.Progress = progresses.silent
) -> runs.Run:
    """Let a stopped run go on from where it stands, to the same result as if it had never stopped.

    Raises:
        TrainingError: it is finished, or still has a worker.
    """
    run = runs.load(run_id)
    state = run.state()
    if state in LIVING:
        raise TrainingError(f"Run {run_id} is {state} already.")
    if state == "finished":
        raise TrainingError(f"Run {run_id} is finished. To train it longer, start a new run from it.")
    start(run) if detach else run_here(run, on_progress)
    return run


def longer(run_id: str, epochs: int) -> configs.TrainingConfig:
    """The configuration that trains a finished run for `epochs` more: a new run that starts from its best
    weights.
    """
    run = runs.load(run_id)
    config = _of_today(run, configs.TrainingConfig.from_dict(run.config()))
    if config.mode == "quick":  # what was chosen for the seconds of a head need not suit the whole network
        asked = again(run_id)
        config = config.but(mode="full", precision=asked.precision, threads=asked.threads)
    return config.but(start_from=run_id, epochs=epochs, head_epochs=0)


def again(run_id: str) -> configs.TrainingConfig:
    """The configuration of a run as the person gave it, to be launched once more, with changes or without."""
    run = runs.load(run_id)
    return _of_today(run, configs.TrainingConfig.from_dict(run.config()["asked"]))


def _of_today(run: runs.Run, config: configs.TrainingConfig) -> configs.TrainingConfig:
    """The same images under the name that their dataset bears now."""
    return config.but(dataset=run.dataset() or config.dataset)


def wait(run_id: str, timeout: float | None = None) -> str:
    """Wait until the run has no more worker, at most `timeout` seconds; returns its state."""
    run = runs.load(run_id)
    until = None if timeout is None else time.monotonic() + timeout
    while (state := run.state()) in LIVING and (until is None or time.monotonic() < until):
        time.sleep(POLL_SECONDS)
    return state


def _ask(run_id: str, request: str, state: str) -> None:
    run = runs.load(run_id)
    now = run.state()
    if now in ("finished", "failed", state):
        raise TrainingError(f"Run {run_id} is {now} already.")
    if workspace.is_locked(run.lock_path) or now in LIVING:
        workspace.write_bytes(run.folder / request, b"")
    else:
        report.Status(run).set(state=state, message=state.capitalize(), finished=report.now())


def _spawn(run: runs.Run, ticket: int) -> subprocess.Popen[bytes]:
    """A worker in a session of its own: it outlives this process and its terminal."""
    environment = os.environ | {
        workspace.VARIABLE: str(workspace.home()),
        worker.TICKET: str(ticket),
        "PYTHONUNBUFFERED": "1",
    }
    if _together(run):  # torchrun gives each process one thread where nothing is said
        environment.setdefault("OMP_NUM_THREADS", str(max((os.cpu_count() or 1) // tickets.gpus(), 1)))
    with open(run.folder / "worker.log", "ab") as log:
        return subprocess.Popen(
            command(run),
            cwd=workspace.CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def command(run: runs.Run) -> list[str]:
    """How a worker is started: on a machine with several GPUs under torchrun, one process for each."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(tickets.gpus())]
    return [sys.executable, *(torchrun if _together(run) else []), "-m", "core.training.worker", run.id]


def _together(run: runs.Run) -> bool:
    """Whether several GPUs train the run."""
    config = run.config()
    return config["device"] in ("auto", "cuda") and config["mode"] == "full" and tickets.gpus() > 1


def _last_words(run: runs.Run) -> str:
    lines = (run.folder / "worker.log").read_text(errors="replace").strip().splitlines()
    return f"Its log ends: {lines[-1][:300]}" if lines else "Its log is empty."


def _with_absolute_weights(config: configs.TrainingConfig) -> configs.TrainingConfig:
    """Name a weights file so that the worker, which works elsewhere, finds it too."""
    if config.weights in weights_files.KINDS or config.start_from is not None:  # then the run's are taken
        return config
    return config.but(weights=str(weights_files.from_file(config.weights).file))


def _check_start(config: configs.TrainingConfig) -> None:
    earlier = runs.load(str(config.start_from))
    card = earlier.model_card()
    if card["backbone"] != config.backbone:
        raise TrainingError(
            f"Run {earlier.id} has backbone {card['backbone']}, and this one {config.backbone}. To start "
            "from a run, "
            "take its backbone."
        )


def log_of(run: runs.Run, most: int = 20_000) -> str:
    """The end of the worker's log, at most `most` characters."""
    path: Path = run.folder / "worker.log"
    return path.read_text(errors="replace")[-most:] if path.exists() else ""
