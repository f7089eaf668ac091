"""Does "time left" hold? What a run said at each step after its first epoch, beside what it then took.

The error is |said - taken| / taken, over all moments from the end of the first epoch on at which at least 2 %
of the run was left: answers and intervals after the last epoch are part of what was taken. Aimed at: a median
error under 20 %. On a busy machine the time itself is noise.

Takes about 6 minutes on two cores: 2 for each run.

    python -m benchmarks.time_left
    python -m benchmarks.time_left --options="--epochs 8 --progressive on"
"""

import shlex
import time
from pathlib import Path

from benchmarks import common, trials
from core import runs

POLL_SECONDS = 0.2
LEAST_LEFT = 0.02
TARGET = 0.20


def main() -> None:
    """Read the arguments, watch every run, print the table."""
    parser = common.parser(
        __doc__,
        runs=1,
        most=12,
        options="--weights none --backbone mobilenet_v3_small --image-size 32 --batch-size 8 --epochs 6",
    )
    parser.add_argument("--data", type=Path, default=common.SHARED / "data" / "birdcatdog")
    parser.add_argument("--most", type=int, help="at most so many images of each class")
    parser.add_argument("--runs", type=int, default=3, help="how many runs to watch, one after the other")
    parser.add_argument("--options", default="", help="further options of `train`, in one string")
    given = parser.parse_args()
    rows, errors = [], []
    with common.home(given.home) as home:
        name = trials.dataset(home, given.data, given.most)
        split = common.split(home, f"{name}-0", name, 0)
        for number in range(given.runs):
            asked = ["--dataset", name, "--split", split, "--seed", number]
            pairs, seconds = watch(home, *asked, *shlex.split(given.options))
            mine = [error for _, _, error in pairs]
            errors += mine
            rows.append([number, f"{seconds:.0f}", len(pairs), *(f"{value:.0%}" for value in shape(mine))])
    head = ["run", "seconds", "moments", "median error", "90th percentile", "at the end of epoch 1"]
    note = f"median of all {common.median(errors):.0%}"
    common.report(head, rows, f"{note}, {common.met(common.median(errors), at_most=TARGET)}")


def watch(home: Path, *asked: object) -> tuple[list[tuple[float, float, float]], float]:
    """Launch a run and write down what it says; returns (said, taken, error) of each moment after the first
    epoch, and the seconds of the whole run.

    Raises:
        SystemExit: the run failed, or was too short to say anything.
    """
    run = common.fieldguide(home, "train", *asked, "--detach")["run"]
    said: list[tuple[float, float]] = []
    start, last = time.monotonic(), ""
    while True:
        status, now = runs.load(run).status(), time.monotonic()
        if status["state"] not in ("queued", "running"):
            break
        left = status.get("seconds_left")
        if left is not None and (status.get("epoch") or 0) > 1 and status.get("updated") != last:
            last = status["updated"]
            said.append((now, float(left)))
        time.sleep(POLL_SECONDS)
    if status["state"] != "finished" or not said:
        raise SystemExit(f"Run {run} is {status['state']}, or was too short: {status.get('error')}")
    end, whole = now, now - start
    found = [
        (left, end - at, abs(left - (end - at)) / (end - at))
        for at, left in said
        if end - at > LEAST_LEFT * whole
    ]
    return found, whole


def shape(errors: list[float]) -> tuple[float, float, float]:
    """Median, 90th percentile, and the first."""
    ordered = sorted(errors)
    return common.median(errors), ordered[int(0.9 * (len(ordered) - 1))], errors[0]


if __name__ == "__main__":
    main()
