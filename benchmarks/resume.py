"""Kills at random moments: does a run that is resumed come to the unbroken one's result, bit for bit?

One run goes through undisturbed. Then runs of the same configuration are killed (SIGKILL) at random moments
and resumed, until the number of kills is reached and the last one has finished; each is compared with the
unbroken one: history (times left out), final weights, stored logits.

    python -m benchmarks.resume [--kills 20]
"""

import argparse
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from benchmarks import common
from core import runs, workspace

TIMES = ("seconds", "training_seconds", "images_per_second")
OPTIONS = [
    *("--backbone", "mobilenet_v3_small", "--weights", "none", "--image-size", 32),
    *("--epochs", 4, "--batch-size", 64, "--threads", 1, "--precision", "fp32"),
]


def launch(home: Path) -> str:
    """Start a detached run on the digits; returns its id."""
    words = ["train", "--dataset", "digits", "--split", "digits-0", *OPTIONS, "--detach"]
    run: str = common.fieldguide(home, *words)["run"]
    return run


def pid_of(run: str) -> int | None:
    """The process that works on a run."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    found = [line.split()[0] for line in listed.splitlines() if f"core.training.worker {run}" in line]
    return int(found[0]) if found else None


def disturbed(home: Path, chance: random.Random, longest: float, kills: int) -> tuple[str, int]:
    """One run, killed again and again at random moments, at most `kills` times; returns it and how often."""
    run, times = launch(home), 0
    while times < kills:
        time.sleep(chance.uniform(1.0, longest))
        pid = pid_of(run)
        if pid is None:
            break
        os.kill(pid, signal.SIGKILL)
        times += 1
        while (state := runs.load(run).state()) in ("queued", "running"):
            time.sleep(0.1)
        if state != "interrupted":
            break
        common.fieldguide(home, "resume", run, "--detach")
    common.fieldguide(home, "wait", run)
    return run, times


def result(home: Path, run: str) -> dict[str, Any]:
    """What two runs must have in common."""
    folder = home / "runs" / run
    lines = [{k: v for k, v in line.items() if k not in TIMES} for line in common.history(home, run)]
    files = ("model.safetensors", "predictions.parquet")
    return {"history": lines} | {name: (folder / name).read_bytes() for name in files}


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--kills", type=int, default=20)
    given: argparse.Namespace = parser.parse_args()
    with common.home(given.home) as home:
        os.environ[workspace.VARIABLE] = str(home)
        common.dataset(home, "digits", None)
        common.split(home, "digits-0", "digits", 0)
        start = time.perf_counter()
        unbroken = launch(home)
        common.fieldguide(home, "wait", unbroken)
        longest = time.perf_counter() - start
        expected, chance, done, equal, n_runs = result(home, unbroken), random.Random(0), 0, 0, 0
        while done < given.kills:
            run, times = disturbed(home, chance, longest, given.kills - done)
            done, n_runs = done + times, n_runs + 1
            equal += result(home, run) == expected
            print(f"{run}: killed {times} times, {runs.load(run).state()}", flush=True)
        print(f"{done} kills in {n_runs} runs: {equal} of {n_runs} equal the unbroken run bit for bit")


if __name__ == "__main__":
    main()
