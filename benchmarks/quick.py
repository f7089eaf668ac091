"""From a split to a judged model: quick mode, cold and with features kept, beside five epochs of the
lesson's loop and of ours. End to end: seconds from the command to its return, starting Python included.

Quick mode's features are removed before each cold round; "features kept" repeats the run with another seed,
"warm" does so in a process that has loaded torch before. Aimed at: from cold at most 25 s at 224 pixels and
15 s at 160, with features kept and warm at most 2 s. What accuracy quick mode reaches beside full
finetuning is `python -m benchmarks.transfer`'s to say.

Takes about 12 minutes on two cores, 5 of them five epochs of the lesson's loop. With `--home` it may be
interrupted.

    python -m benchmarks.quick                 1,200 photos of about one megapixel, made for it
    python -m benchmarks.quick /tmp/photos     those of `benchmarks.photos`, or your own
"""

import argparse
import functools
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks import common, photos, trials

LESSON = "lesson's loop, 5 epochs"
TARGETS = {224: 25.0, 160: 15.0}
WARM = 2.0


def quick(given: argparse.Namespace, home: Path, split: str, size: int) -> dict[str, float]:
    """Seconds of quick mode at one image size: cold, cached, and cached in a warm process."""
    shutil.rmtree(home / "cache" / "features", ignore_errors=True)
    shutil.rmtree(home / "cache" / "pixels", ignore_errors=True)
    options = ["--mode", "quick", "--image-size", size]
    return {
        f"quick, {size} px, cold": train(given, home, split, *options),
        f"quick, {size} px, features kept": train(given, home, split, *options, "--seed", 1),
        f"quick, {size} px, features kept, warm": warm(given, split, size),
    }


def train(given: argparse.Namespace, home: Path, split: str, *options: object) -> float:
    """Seconds from the command to its return."""
    start = time.perf_counter()
    shared = ["--backbone", given.backbone, "--weights", given.weights]
    common.fieldguide(home, "train", "--dataset", given.dataset, "--split", split, *shared, *options)
    return time.perf_counter() - start


def warm(given: argparse.Namespace, split: str, size: int) -> float:
    """Seconds of the second of two runs in this process."""
    from core.training import config as configs
    from core.training import jobs

    taken: list[float] = []
    for seed in (2, 3):
        config = configs.TrainingConfig(
            dataset=given.dataset,
            split=split,
            mode="quick",
            backbone=given.backbone,
            weights=given.weights,
            image_size=size,
            seed=seed,
        )
        with common.timed(taken):
            run = jobs.prepare(config)
            if jobs.run_here(run) != "finished":
                raise SystemExit(f"The run failed: {run.status().get('error')}")
    return taken[-1]


def one_round(given: argparse.Namespace, home: Path, split: str, linked: Path | None) -> dict[str, float]:
    """Seconds of everything once."""
    found: dict[str, float] = {}
    for size in given.sizes:
        found |= quick(given, home, split, size)
    if linked is not None:
        start = time.perf_counter()
        size = ["--image-size", max(given.sizes)]
        common.role(home, "benchmarks.lesson_baseline", linked, "--epochs", given.lesson_epochs, *size)
        found[LESSON] = (time.perf_counter() - start) * 5 / given.lesson_epochs
        shutil.rmtree(home / "cache", ignore_errors=True)
        name = f"full, 5 epochs, {max(given.sizes)} px, cold"
        found[name] = train(given, home, split, "--epochs", 5, *size)
    return found


def rows(found: dict[str, list[float]]) -> list[list[object]]:
    """A line for each way: median seconds, and how many times faster than the lesson's loop."""
    lines = []
    for name, seconds in found.items():
        base = found.get(LESSON)
        ratio = f"{common.median(base) / common.median(seconds):.1f}" if base else ""
        each = ", ".join(f"{x:.1f}" for x in seconds)
        lines.append([name, f"{common.median(seconds):.1f}", ratio, each, _target(name, seconds)])
    return lines


def _target(name: str, seconds: list[float]) -> str:
    """Whether the median meets what is aimed at, where something is."""
    for size, target in TARGETS.items():
        if name == f"quick, {size} px, cold":
            return common.met(common.median(seconds), at_most=target)
    return common.met(common.median(seconds), at_most=WARM) if name.endswith(", warm") else ""


def main() -> None:
    """Read the arguments, measure, print the table."""
    parser = common.parser(__doc__, count=96, sizes=[32], rounds=1, lesson_epochs=1)
    parser.add_argument("photos", type=Path, nargs="?", help="class folders of photos (default: made)")
    parser.add_argument("--count", type=int, default=1200, help="photos to make")
    parser.add_argument("--sizes", type=int, nargs="*", default=[224, 160, 128])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--weights", default="starter")
    parser.add_argument("--lesson-epochs", type=int, default=5, help="fewer are scaled up to five; 0: none")
    given = parser.parse_args()
    found: dict[str, list[float]] = {}
    with common.home(given.home) as home, tempfile.TemporaryDirectory() as laid:
        folder = photos.given_or_made(given.photos, home, given.count)
        given.dataset, split = photos.taken_in(home, folder)
        linked = trials.link_split(home, split, folder, Path(laid))
        for number in range(given.rounds):
            # Five epochs of the lesson's loop take minutes: once is enough to tell twenty times from ten.
            with_lesson = linked if number == 0 and given.lesson_epochs else None
            asked = ["quick", number, given.dataset, given.backbone, given.weights, *given.sizes]
            asked += [given.lesson_epochs] if with_lesson else []
            done = trials.kept(home, asked, functools.partial(one_round, given, home, split, with_lesson))
            for name, seconds in done.items():
                found.setdefault(name, []).append(seconds)
                common.heard(f"{name}: {seconds:.1f} s")
    head = ["way", "seconds (median)", "times faster than the lesson's", "rounds", "target, s"]
    common.report(head, rows(found))


if __name__ == "__main__":
    main()
