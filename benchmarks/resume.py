"""Kills at random moments: does a run that is resumed come to the unbroken one's result, bit for bit?

One run goes through undisturbed. Then runs of the same configuration are killed (SIGKILL) at random moments
of their work and started again, until there were so many kills; each is then let finish, and compared with
the unbroken one: history (times left out), final weights, stored answers. The recipe is the default one on
*Drawn animals* at a small size: the starter weights, and the precision that the first run found faster; with
`--precision fp32` that one.

Takes about 8 minutes on two cores.

    python -m benchmarks.resume
    python -m benchmarks.resume --precision fp32
"""

import argparse
import random
import signal
import subprocess
import time
from typing import Any

import safetensors.numpy

from benchmarks import common, trials
from core import runs, workspace
from core.training import config as configs
from core.training import jobs

TIMES = ("seconds", "training_seconds", "images_per_second")
MINUTES = 10
"""So long one worker is waited for at most."""
TRIES = 4
"""At most so many starts for each kill: a run may end before its moment comes."""


def main() -> None:
    """Read the arguments, kill and resume, compare, print."""
    parser = common.parser(__doc__, kills=2, image_size=32, epochs=2, most=8)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--precision", choices=["auto", "fp32", "bf16"], default="auto")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--most", type=int, help="at most so many images of each class")
    parser.add_argument("--threads", type=int, help="(default: all)")
    given = parser.parse_args()
    with common.home(given.home) as home:
        common.dataset(home, "drawn-animals", None)
        drawn = home / "datasets" / "drawn-animals" / "images"
        given.dataset = trials.dataset(home, drawn, given.most) if given.most else "drawn-animals"
        split = common.split(home, f"{given.dataset}-0", given.dataset, 0)
        unbroken = prepare(given, split)
        process, begun = start(unbroken)
        whole = finish(unbroken, process) - begun
        common.heard(f"unbroken: {whole:.1f} s of work")
        # What was found fastest then is kept to: it may come out differently on a busy machine.
        chosen = unbroken.config()
        given.precision, given.threads = chosen["precision"], chosen["threads"]
        expected, chance = result(unbroken), random.Random(given.seed)
        found: list[tuple[str, int, bool]] = []
        left, tries = given.kills, TRIES * given.kills
        while left and tries > 0:
            run = prepare(given, split)
            kills, starts = disturbed(run, chance, whole, left)
            left, tries = left - kills, tries - starts
            found.append((run.id, kills, result(run) == expected))
            common.heard(f"{run.id}: killed {kills} times, equal: {found[-1][2]}")
        report(found, given.kills, unbroken)


def prepare(given: argparse.Namespace, split: str) -> runs.Run:
    """A run of the one configuration, not started."""
    config = configs.TrainingConfig(
        dataset=given.dataset,
        split=split,
        epochs=given.epochs,
        image_size=given.image_size,
        precision=given.precision,
        threads=given.threads,
    )
    return jobs.prepare(config)


def start(run: runs.Run) -> tuple[subprocess.Popen[bytes], float]:
    """Start a worker for a run, first or again; returns it when its work has begun, and that moment.

    Raises:
        SystemExit: it ended without a result, or did not begin.
    """
    with open(run.folder / "worker.log", "ab") as log:
        process = subprocess.Popen(jobs.command(run), cwd=workspace.CHECKOUT, stdout=log, stderr=log)
    until = time.monotonic() + 60 * MINUTES
    while run.state() != "running":
        if process.poll() is not None and run.state() != "finished":
            raise SystemExit(f"The worker of {run.id} ended: {jobs.log_of(run, 1000)}")
        if process.poll() is not None:
            break
        if time.monotonic() > until:
            process.kill()
            raise SystemExit(f"The worker of {run.id} did not begin within {MINUTES} minutes.")
        time.sleep(0.02)
    return process, time.monotonic()


def finish(run: runs.Run, process: subprocess.Popen[bytes]) -> float:
    """Wait for a worker to end; returns that moment.

    Raises:
        SystemExit: it takes too long, or the run is not finished then.
    """
    try:
        process.wait(60 * MINUTES)
    except subprocess.TimeoutExpired:
        process.kill()
        raise SystemExit(f"Run {run.id} did not end within {MINUTES} minutes.") from None
    if run.state() != "finished":
        raise SystemExit(f"Run {run.id} is {run.state()}: {jobs.log_of(run, 1000)}")
    return time.monotonic()


def disturbed(run: runs.Run, chance: random.Random, longest: float, most: int) -> tuple[int, int]:
    """Carry out a run, killed at random moments, `most` times at most; returns kills and starts."""
    kills, starts = 0, 1
    process, _ = start(run)
    while kills < most:
        try:
            process.wait(chance.uniform(0, longest))
            break  # it ended before its moment came
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        if run.state() == "finished":  # it was about to end by itself
            break
        kills, starts = kills + 1, starts + 1
        process, _ = start(run)
    finish(run, process)
    return kills, starts


def result(run: runs.Run) -> dict[str, Any]:
    """What two runs must have in common."""
    lines = [{key: value for key, value in line.items() if key not in TIMES} for line in run.history()]
    # The header of the weights' file names its run: the tensors are compared.
    weights = safetensors.numpy.load_file(run.folder / "model.safetensors")
    found = {name: (str(tensor.dtype), tensor.tobytes()) for name, tensor in weights.items()}
    answers = (run.folder / "predictions.parquet").read_bytes()
    return {"history": lines, "weights": found, "predictions": answers}


def report(found: list[tuple[str, int, bool]], wanted: int, unbroken: runs.Run) -> None:
    """Print a line for each run, and what they say together."""
    kills, equal = sum(one[1] for one in found), sum(one[2] for one in found)
    rows = [[number, times, "equal" if same else "differs"] for number, (_, times, same) in enumerate(found)]
    good = equal == len(found) and kills >= wanted
    rows.append(["all", kills, f"{equal} of {len(found)} equal"])
    config = unbroken.config()
    said = f"{config['backbone']}, {config['epochs']} epochs, {config['image_size']} px, "
    said += f"{config['precision']}, {config['threads']} threads"
    head = ["run", "kills", "history, final weights and answers beside the unbroken run's, bit for bit"]
    common.report(head, rows, said, f"{wanted} kills, all equal: {'met' if good else 'missed'}")


if __name__ == "__main__":
    main()
