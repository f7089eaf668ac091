"""Accuracy is not paid for speed: our full finetune beside the lesson's loop, same splits, same weights.

Each seed makes one split, on which both train for as many epochs from the same backbone weights and are
judged on the same test images. Ours takes its own recipe; the lesson's loop one learning rate for all.
Intervals are Wilson's, over the test images of all seeds together; "ours beyond it" is taken seed by seed.

Takes about 20 minutes for birdcatdog and 70 for caltech10 on two cores, most of it the lesson's loop; with
`--home` it may be interrupted.

    python -m benchmarks.parity --home /tmp/parity
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import common, trials

DATA = ("birdcatdog", "caltech10")


def lesson(given: argparse.Namespace, home: Path, source: Path, seed: int, rate: float) -> dict[str, Any]:
    """Test accuracy of the lesson's loop on the split of that seed, and on how many images."""
    options = ["--backbone", given.backbone, "--weights", given.weights.resolve(), "--seed", seed]
    options += ["--epochs", given.epochs, "--learning-rate", rate, "--image-size", given.image_size]
    split = common.split(home, f"{source.name}-{seed}", source.name, seed)

    def compute() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            linked = trials.link_split(home, split, source, Path(folder))
            found = common.role(home, "benchmarks.lesson_baseline", linked, *options)
            n_images = sum(1 for _ in linked.glob("test/*/*"))
        common.heard(f"{source.name}, lesson's loop, seed {seed}: {found['test'][-1]:.3f}")
        return {"accuracy": found["test"][-1], "n_images": n_images, "seconds": found["seconds"]}

    return trials.kept(home, ["lesson", source.name, split, *options], compute)


def lines(given: argparse.Namespace, home: Path, data: Path) -> list[list[object]]:
    """The rows of one folder of images: ours, then the lesson's loop at each rate."""
    source = trials.few(home, data, given.most)
    name = trials.dataset(home, source)
    options = ["--backbone", given.backbone, "--weights", given.weights.resolve()]
    options += ["--epochs", given.epochs, "--image-size", given.image_size]
    seeds = range(given.seeds)
    ours = [trials.trial(home, name, seed, *options) for seed in seeds]
    rows: list[list[object]] = []
    for rate in given.rates:
        plain = [lesson(given, home, source, seed, rate) for seed in seeds]
        gains = [one["accuracy"] - other["accuracy"] for one, other in zip(ours, plain, strict=True)]
        rows.append([name, f"lesson's loop, Adam {rate:g}", *_cells(plain), common.spread(gains, "+.3f")])
    return [[name, "ours", *_cells(ours), ""], *rows]


def _cells(found: list[dict[str, Any]]) -> list[str]:
    accuracy = common.spread([one["accuracy"] for one in found])
    seconds = common.median([one["seconds"] for one in found])
    return [accuracy, trials.interval(found), str(trials.pooled(found)[3]), f"{seconds:.0f}"]


def main() -> None:
    """Read the arguments, run every seed both ways, print the table."""
    parser = common.parser(__doc__, data=["birdcatdog"], most=36, seeds=1, epochs=1, image_size=32)
    parser.add_argument("--data", nargs="+", default=DATA, help="shared images by name, or folders")
    parser.add_argument("--backbone", default="mobilenet_v2", choices=["resnet18", "mobilenet_v2"])
    parser.add_argument("--weights", type=Path, default=common.MOBILENET)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--rates", type=float, nargs="+", default=[1e-4], help="of the lesson's loop")
    parser.add_argument("--most", type=int, help="at most so many images of each class")
    given = parser.parse_args()
    with common.home(given.home) as home:
        rows = [row for data in given.data for row in lines(given, home, common.SHARED / "data" / data)]
    head = ["images", "way", "test accuracy", "95 % interval", "test images", "seconds (median)"]
    note = f"mean (smallest-largest) of {given.seeds} seeds, {given.epochs} epochs, {given.image_size} px"
    common.report([*head, "ours beyond it"], rows, note)


if __name__ == "__main__":
    main()
