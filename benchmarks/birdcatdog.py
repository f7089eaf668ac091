"""Photographs of birds, cats and dogs: test accuracy of a finetuned MobileNetV2 over several seeds.

Each seed makes its own 70/15/15 split and its own run, through the command line as a person would. Wants a
folder with a folder for each class and an ImageNet MobileNetV2 as a state_dict; nothing is downloaded.

    python -m benchmarks.birdcatdog --seeds 5
    python -m benchmarks.birdcatdog --seeds 3 --options="--mode quick"
"""

import shlex
from pathlib import Path

from benchmarks import common


def main() -> None:
    """Read the arguments, run every seed, print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--data", type=Path, default=common.SHARED / "data" / "birdcatdog")
    parser.add_argument("--backbone", default="mobilenet_v2")
    parser.add_argument("--weights", default=str(common.SHARED / "weights" / "mobilenet_v2_imagenet.pth"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--options", default="", help="further options of `train`, in one string")
    given = parser.parse_args()
    options = ["--backbone", given.backbone, "--weights", given.weights, "--epochs", given.epochs]
    options += shlex.split(given.options)
    with common.home(given.home) as home:
        common.dataset(home, given.data.name, given.data)
        found = [common.trial(home, given.data.name, seed, *options) for seed in range(given.seeds)]
    rows = [
        [seed, f"{one['accuracy']:.3f}", f"{one['macro_f1']:.3f}", one["n_images"], f"{one['seconds']:.0f}"]
        for seed, one in enumerate(found)
    ]
    middle = f"{common.median([one['seconds'] for one in found]):.0f}"
    mean = [common.spread([one[key] for one in found]) for key in ("accuracy", "macro_f1")]
    head = ["seed", "test accuracy", "macro F1", "test images", "seconds"]
    common.report(head, [*rows, ["mean", *mean, "", middle]])


if __name__ == "__main__":
    main()
