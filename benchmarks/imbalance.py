"""Uneven classes: macro F1 on test, with and without balancing, over several seeds.

Meant for ten classes of Caltech-101 with 31 to 800 images each; any folder of class folders will do. Each
seed makes one split, on which every setting trains once, in quick mode and in full. Differences are taken
seed by seed, from "none" of the same mode.

    python -m benchmarks.imbalance
    python -m benchmarks.imbalance --modes quick --options="--backbone mobilenet_v2 --weights FILE"
"""

import shlex
from pathlib import Path

from benchmarks import common

SETTINGS = {"quick": ["none", "weights", "sampler"], "full": ["none", "weights", "sampler", "focal"]}
"""The ways to balance that each mode knows."""


def main() -> None:
    """Read the arguments, run every seed with every setting, print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--data", type=Path, default=common.SHARED / "data" / "caltech10")
    parser.add_argument("--modes", nargs="*", choices=list(SETTINGS), default=list(SETTINGS))
    parser.add_argument("--settings", nargs="*", help="ways to balance (default: all that the mode knows)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--options", default="", help="further options of `train`, in one string")
    given = parser.parse_args()
    with common.home(given.home) as home:
        common.dataset(home, given.data.name, given.data)
        options = shlex.split(given.options)
        found = {
            (mode, setting): [
                common.trial(home, given.data.name, seed, "--mode", mode, "--balance", setting, *options)
                for seed in range(given.seeds)
            ]
            for mode in given.modes
            for setting in given.settings or SETTINGS[mode]
        }
    keys = ("macro_f1", "accuracy")
    rows = [
        [
            mode,
            setting,
            *(common.spread([one[key] for one in trials]) for key in keys),
            against(trials, found.get((mode, "none"))),
            rarest(trials),
        ]
        for (mode, setting), trials in found.items()
    ]
    head = [
        "--mode",
        "--balance",
        "macro F1",
        "accuracy",
        "macro F1 beyond none",
        "recall of the rarest class",
    ]
    common.report(head, rows, f"mean (smallest-largest) of {given.seeds} seeds")


def against(trials: list[dict], plain: list[dict] | None) -> str:
    """How much macro F1 is gained on the same splits: mean and range over the seeds."""
    if plain is None or trials is plain:
        return ""
    gains = [one["macro_f1"] - other["macro_f1"] for one, other in zip(trials, plain, strict=True)]
    return common.spread(gains)


def rarest(trials: list[dict]) -> str:
    """The recall of the class with the fewest test images: mean and range over the trials."""
    smallest = [min(one["per_class"].values(), key=lambda figures: figures["support"]) for one in trials]
    return common.spread([figures["recall"] for figures in smallest])


if __name__ == "__main__":
    main()
