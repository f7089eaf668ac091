"""From a split to a judged model: quick mode, cold and with features kept, beside five epochs of the
lesson's loop and of ours. End to end: seconds from the command to its return, starting Python included.

Quick mode's features are removed before each cold round; its cached round repeats the run with another seed.

    python -m benchmarks.photos /tmp/photos --count 1000
    python -m benchmarks.quick /tmp/photos
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks import common

LESSON = "lesson's loop, 5 epochs"


def quick(given: argparse.Namespace, home: Path, split: str, size: int) -> dict[str, float]:
    """Seconds of quick mode at one image size, cold and cached."""
    shutil.rmtree(home / "cache", ignore_errors=True)
    options = ["--mode", "quick", "--image-size", size]
    return {
        f"quick, {size} px, cold": train(given, home, split, *options),
        f"quick, {size} px, features kept": train(given, home, split, *options, "--seed", 1),
    }


def train(given: argparse.Namespace, home: Path, split: str, *options: object) -> float:
    """Seconds from the command to its return."""
    start = time.perf_counter()
    shared = ["--backbone", given.backbone, "--weights", given.weights]
    common.fieldguide(home, "train", "--dataset", "photos", "--split", split, *shared, *options)
    return time.perf_counter() - start


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
        lines.append([name, f"{common.median(seconds):.1f}", ratio, each])
    return lines


def main() -> None:
    """Read the arguments, measure, print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("photos", type=Path, help="class folders of photos")
    parser.add_argument("--sizes", type=int, nargs="*", default=[224, 160, 128])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--weights", default="starter")
    parser.add_argument("--lesson-epochs", type=int, default=5, help="fewer are scaled up to five; 0: none")
    given = parser.parse_args()
    found: dict[str, list[float]] = {}
    with common.home(given.home) as home, tempfile.TemporaryDirectory() as folder:
        common.dataset(home, "photos", given.photos)
        split = common.split(home, "photos-0", "photos", 0, "--group-by", "none")
        linked = common.link_split(home, split, given.photos, Path(folder))
        for number in range(given.rounds):
            # Five epochs of the lesson's loop take minutes: once is enough to tell twenty times from ten.
            with_lesson = linked if number == 0 and given.lesson_epochs else None
            for name, seconds in one_round(given, home, split, with_lesson).items():
                found.setdefault(name, []).append(seconds)
    common.report(["way", "seconds (median)", "times faster than the lesson's", "rounds"], rows(found))


if __name__ == "__main__":
    main()
