"""Ten runs launched at once from five processes: is the order of tickets kept, and is each result right?

Every process launches two detached runs, of the same configuration but for the seed. Afterwards: each run
finished, no two were at work at the same time, they began in the order of their tickets, and the runs that
share a seed came to the same stored logits.

    python -m benchmarks.launches
"""

import itertools
import os
import threading
from pathlib import Path
from typing import Any

from benchmarks import common
from core import runs, workspace

PROCESSES, EACH = 5, 2
OPTIONS = [
    *("--backbone", "mobilenet_v3_small", "--weights", "none", "--image-size", 32),
    *("--epochs", 1, "--batch-size", 64, "--threads", 1, "--precision", "fp32", "--device", "cpu"),
]


def launch(home: Path, seeds: list[int], launched: list[str]) -> None:
    """Launch a detached run for each seed, one after the other."""
    for seed in seeds:
        words = ["train", "--dataset", "digits", "--split", "digits-0", "--seed", seed, "--detach"]
        launched.append(common.fieldguide(home, *words, *OPTIONS)["run"])


def faults(found: list[runs.Run]) -> list[str]:
    """What is wrong with the finished runs; empty when all is as it should be."""
    wrong = [f"{run.id} is {run.state()}" for run in found if run.state() != "finished"]
    status: dict[str, dict[str, Any]] = {run.id: run.status() for run in found}
    ordered = sorted(found, key=lambda run: status[run.id]["ticket"])
    for before, after in itertools.pairwise(ordered):
        if status[after.id]["started"] < status[before.id]["finished"]:
            wrong.append(f"{after.id} began before {before.id} had ended")
    for one, other in itertools.combinations(found, 2):
        if one.config()["seed"] == other.config()["seed"]:
            same = (one.predictions("test").logits == other.predictions("test").logits).all()
            wrong += [] if same else [f"{one.id} and {other.id} differ"]
    return wrong


def main() -> None:
    given = common.parser(__doc__).parse_args()
    with common.home(given.home) as home:
        os.environ[workspace.VARIABLE] = str(home)
        common.dataset(home, "digits", None)
        common.split(home, "digits-0", "digits", 0)
        launched: list[str] = []
        threads = [
            threading.Thread(target=launch, args=(home, list(range(EACH)), launched))
            for _ in range(PROCESSES)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for run in launched:
            common.fieldguide(home, "wait", run)
        wrong = faults([runs.load(run) for run in launched])
        print(
            "\n".join(wrong) or f"{len(launched)} runs from {PROCESSES} processes: order kept, results right"
        )


if __name__ == "__main__":
    main()
