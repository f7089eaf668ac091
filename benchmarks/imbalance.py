"""Uneven classes: macro F1 on test, with and without balancing, over several seeds.

Meant for ten classes of Caltech-101 with 31 to 800 images each; any folder of class folders will do. Each
seed makes one split, on which every setting trains once.

    python -m benchmarks.imbalance --seeds 3
    python -m benchmarks.imbalance --seeds 3 --options="--mode quick"
"""

import shlex
from pathlib import Path

from benchmarks import common


def main() -> None:
    """Read the arguments, run every seed with every setting, print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--data", type=Path, default=common.SHARED / "data" / "caltech10")
    parser.add_argument("--settings", nargs="*", default=["none", "weights", "sampler"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--options", default="", help="further options of `train`, in one string")
    given = parser.parse_args()
    with common.home(given.home) as home:
        common.dataset(home, given.data.name, given.data)
        options = shlex.split(given.options)
        found = {
            setting: [
                common.trial(home, given.data.name, seed, "--balance", setting, *options)
                for seed in range(given.seeds)
            ]
            for setting in given.settings
        }
    keys = ("macro_f1", "accuracy")
    rows = [
        [setting, *(common.spread([one[key] for one in trials]) for key in keys), rarest(trials)]
        for setting, trials in found.items()
    ]
    head = ["--balance", "macro F1", "accuracy", "recall of the rarest class"]
    common.report(head, rows, f"mean (smallest-largest) of {given.seeds} seeds")


def rarest(trials: list[dict]) -> str:
    """The recall of the class with the fewest test images: mean and range over the trials."""
    smallest = [min(one["per_class"].values(), key=lambda figures: figures["support"]) for one in trials]
    return common.spread([figures["recall"] for figures in smallest])


if __name__ == "__main__":
    main()
