"""What pretrained weights are worth: test accuracy from none, the starter and an ImageNet MobileNetV2.

Each seed makes its own 70/15/15 split and its own run, through the command line, with the defaults that
suit the weights. Caltech-101 was among the images that the starter learnt from (without labels), so its
rows say less about the starter than birdcatdog's.

    python -m benchmarks.transfer --seeds 3
    python -m benchmarks.transfer --data birdcatdog --mode full --weights starter
"""

import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import common
from core.metrics import intervals

WEIGHTS = {
    "none": ["--backbone", "resnet18", "--weights", "none"],
    "starter": ["--backbone", "resnet18", "--weights", "starter"],
    "mobilenet": [
        "--backbone",
        "mobilenet_v2",
        "--weights",
        common.SHARED / "weights/mobilenet_v2_imagenet.pth",
    ],
}
MODES = ("quick", "full")
DATA = ("birdcatdog", "caltech10")


def main() -> None:
    """Read the arguments, run every combination, print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--data", nargs="+", default=DATA, choices=DATA)
    parser.add_argument("--mode", nargs="+", default=MODES, choices=MODES)
    parser.add_argument("--weights", nargs="+", default=list(WEIGHTS), choices=list(WEIGHTS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--options", default="", help="further options of `train`, in one string")
    parser.add_argument("--most", type=int, help="at most so many images of each class")
    given = parser.parse_args()
    rows, seeds = [], range(given.first_seed, given.first_seed + given.seeds)
    with common.home(given.home) as home:
        for data in given.data:
            name = _dataset(home, data, given.most)
            for mode in given.mode:
                for weights in given.weights:
                    options = [*WEIGHTS[weights], "--mode", mode, *shlex.split(given.options)]
                    found = [common.trial(home, name, seed, *options) for seed in seeds]
                    rows.append([data, mode, weights, *_cells(found)])
                    print(common.table(rows[-1], []), file=sys.stderr, flush=True)
    head = ["images", "mode", "weights", "accuracy", "95 % interval", "macro F1", "test images", "seconds"]
    note = f"at most {given.most} images a class" if given.most else ""
    common.report(head, rows, note)


def _dataset(home: Path, name: str, most: int | None) -> str:
    """Add a shared folder to the workspace, or the first `most` files of each of its classes."""
    source = common.SHARED / "data" / name
    if most is None:
        common.dataset(home, name, source)
        return name
    shorter = home / "images" / f"{name}-{most}"
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        (shorter / folder.name).mkdir(parents=True, exist_ok=True)
        for file in sorted(folder.iterdir())[:most]:
            shutil.copyfile(file, shorter / folder.name / file.name)
    common.dataset(home, shorter.name, shorter)
    return shorter.name


def _cells(found: Sequence[dict[str, Any]]) -> list[str]:
    """Mean and range over the seeds; Wilson's interval of the mean, as if from one seed's images alone."""
    accuracy, n = [one["accuracy"] for one in found], found[0]["n_images"]
    mean = sum(accuracy) / len(accuracy)
    low, high = intervals.wilson(mean * n, n)
    return [
        common.spread(accuracy),
        f"{float(low):.3f}-{float(high):.3f}",
        common.spread([one["macro_f1"] for one in found]),
        str(n),
        f"{common.median([one['seconds'] for one in found]):.0f}",
    ]


if __name__ == "__main__":
    main()
