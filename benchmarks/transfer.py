"""What pretrained weights are worth: test accuracy from none, the starter and an ImageNet MobileNetV2, in
quick mode and in full finetuning, side by side.

Each seed makes its own 70/15/15 split and its own run, through the command line, with the defaults that
suit the weights. Intervals are Wilson's, over the test images of all seeds together; aimed at: the starter's
lies above that of none, everywhere. `--starter FILE` measures another ResNet18 in the starter's place.
`--weights mobilenet` alone is what quick mode gives up against full.

Takes about 2 hours on two cores (quick mode 20 minutes of them, birdcatdog 30). With `--home`, every figure
is kept in `finished.json` there: interrupt it, and start it again with the same `--home`.

    python -m benchmarks.transfer --home /tmp/transfer
    python -m benchmarks.transfer --home /tmp/transfer --weights starter --starter new_resnet18.safetensors
"""

import argparse
import itertools
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import common, trials

WEIGHTS = ("none", "starter", "mobilenet")
MODES = ("quick", "full")
DATA = ("birdcatdog", "caltech10")


def options(given: argparse.Namespace, weights: str) -> list[object]:
    """What `train` is told about the weights."""
    if weights == "mobilenet":
        return ["--backbone", "mobilenet_v2", "--weights", common.MOBILENET]
    file = given.starter.resolve() if given.starter and weights == "starter" else weights
    return ["--backbone", "resnet18", "--weights", file]


def main() -> None:
    """Read the arguments, run every combination, print the table."""
    parser = common.parser(__doc__, data=["birdcatdog"], most=8, seeds=1, options="--image-size 32")
    parser.add_argument("--data", nargs="+", default=DATA, help="shared images by name, or folders")
    parser.add_argument("--mode", nargs="+", default=MODES, choices=MODES)
    parser.add_argument("--weights", nargs="+", default=WEIGHTS, choices=WEIGHTS)
    parser.add_argument("--starter", type=Path, help="a file to measure instead of the starter weights")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--options", default="", help="further options of `train`, in one string")
    parser.add_argument("--most", type=int, help="at most so many images of each class")
    given = parser.parse_args()
    rows, judged = [], {}
    with common.home(given.home) as home:
        for data in given.data:
            name = trials.dataset(home, common.SHARED / "data" / data, given.most)
            for mode in given.mode:
                for weights in given.weights:
                    asked = [*options(given, weights), "--mode", mode, *shlex.split(given.options)]
                    seeds = range(given.first_seed, given.first_seed + given.seeds)
                    found = [trials.trial(home, name, seed, *asked) for seed in seeds]
                    judged[name, mode, weights] = trials.pooled(found)
                    shown = given.starter.name if given.starter and weights == "starter" else weights
                    rows.append([name, mode, shown, *_cells(found)])
                    common.heard(" | ".join(map(str, rows[-1])))
    head = ["images", "mode", "weights", "accuracy", "95 % interval", "macro F1", "test images"]
    note = f"mean (smallest-largest) of {given.seeds} seeds"
    common.report([*head, "seconds (median)"], rows, note, *margins(judged))


def margins(judged: dict[tuple[str, str, str], tuple[float, float, float, int]]) -> list[str]:
    """Whether the starter's interval lies above that of none, for each set of images and mode."""
    said = []
    for name, mode in itertools.product(*({key[place] for key in judged} for place in (0, 1))):
        starter, none = judged.get((name, mode, "starter")), judged.get((name, mode, "none"))
        if starter and none:
            clear = "met" if starter[1] > none[2] else "missed"
            said.append(f"{name}, {mode}: starter's interval above that of none: {clear}")
    return sorted(said)


def _cells(found: Sequence[dict[str, Any]]) -> list[str]:
    """Mean and range over the seeds, and the interval of all their test images."""
    return [
        common.spread([one["accuracy"] for one in found]),
        trials.interval(found),
        common.spread([one["macro_f1"] for one in found]),
        str(trials.pooled(found)[3]),
        f"{common.median([one['seconds'] for one in found]):.0f}",
    ]


if __name__ == "__main__":
    main()
