"""Photographs of birds, cats and dogs: test accuracy of a finetuned MobileNetV2 over several seeds.

Each seed makes its own 70/15/15 split and its own run, through the command line as a person would. Wants a
folder with a folder for each class and an ImageNet MobileNetV2 as a state_dict; nothing is downloaded.
Aimed at: a mean of at least 0.95, and at least 0.92 for each seed.

Takes about 8 minutes on two cores; with `--home` it may be interrupted.

    python -m benchmarks.birdcatdog
"""

import shlex
from pathlib import Path

from benchmarks import common, trials

MEAN, EACH = 0.95, 0.92


def main() -> None:
    """Read the arguments, run every seed, print the table."""
    parser = common.parser(__doc__, seeds=1, epochs=1, most=8, options="--image-size 32")
    parser.add_argument("--data", type=Path, default=common.SHARED / "data" / "birdcatdog")
    parser.add_argument("--backbone", default="mobilenet_v2")
    parser.add_argument("--weights", default=str(common.MOBILENET))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--most", type=int, help="at most so many images of each class")
    parser.add_argument("--options", default="", help="further options of `train`, in one string")
    given = parser.parse_args()
    options = ["--backbone", given.backbone, "--weights", given.weights, "--epochs", given.epochs]
    options += shlex.split(given.options)
    with common.home(given.home) as home:
        name = trials.dataset(home, given.data, given.most)
        found = [trials.trial(home, name, seed, *options) for seed in range(given.seeds)]
    rows = [
        [seed, f"{one['accuracy']:.3f}", f"{one['macro_f1']:.3f}", one["n_images"], f"{one['seconds']:.0f}"]
        for seed, one in enumerate(found)
    ]
    accuracy = [one["accuracy"] for one in found]
    mean = [common.spread(accuracy), common.spread([one["macro_f1"] for one in found])]
    rows.append(["mean", *mean, "", f"{common.median([one['seconds'] for one in found]):.0f}"])
    head = ["seed", "test accuracy", "macro F1", "test images", "seconds"]
    notes = [f"95 % interval of all test images together {trials.interval(found)}"]
    notes.append(f"mean {common.met(sum(accuracy) / len(accuracy), at_least=MEAN)}")
    notes.append(f"each {common.met(min(accuracy), at_least=EACH)}")
    common.report(head, rows, *notes)


if __name__ == "__main__":
    main()
