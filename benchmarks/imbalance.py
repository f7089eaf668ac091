"""Uneven classes: macro F1 on test, with and without balancing, over several seeds.

Meant for ten classes of Caltech-101 with 31 to 800 images each; any folder of class folders will do. Each
seed makes one split, on which every setting trains once, in quick mode and in full. Differences are taken
seed by seed, from "none" of the same mode. What a run takes by itself there, and what is recommended, is
"weights"; aimed at: that it beats "none".

Takes about 25 minutes on two cores (quick mode 5 of them); with `--home` it may be interrupted.

    python -m benchmarks.imbalance --home /tmp/imbalance
    python -m benchmarks.imbalance --home /tmp/imbalance --settings none weights sampler focal
    python -m benchmarks.imbalance --modes quick --options="--backbone mobilenet_v2 --weights FILE"
"""

import shlex
from pathlib import Path

from benchmarks import common, trials

SETTINGS = {"quick": ("none", "weights", "sampler"), "full": ("none", "weights", "sampler", "focal")}
"""The ways to balance that each mode knows."""
PLAIN, RECOMMENDED = "none", "weights"


def main() -> None:
    """Read the arguments, run every seed with every setting, print the table."""
    parser = common.parser(__doc__, seeds=1, most=8, options="--image-size 32")
    parser.add_argument("--data", type=Path, default=common.SHARED / "data" / "caltech10")
    parser.add_argument("--modes", nargs="*", choices=list(SETTINGS), default=list(SETTINGS))
    parser.add_argument(
        "--settings",
        nargs="*",
        default=[PLAIN, RECOMMENDED],
        help="ways to balance, as far as the mode knows",
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--most", type=int, help="at most so many images of each class")
    parser.add_argument("--options", default="", help="further options of `train`, in one string")
    given = parser.parse_args()
    with common.home(given.home) as home:
        name = trials.dataset(home, given.data, given.most)
        options = shlex.split(given.options)
        found = {
            (mode, setting): [
                trials.trial(home, name, seed, "--mode", mode, "--balance", setting, *options)
                for seed in range(given.seeds)
            ]
            for mode in given.modes
            for setting in given.settings
            if setting in SETTINGS[mode]
        }
    keys = ("macro_f1", "accuracy")
    rows = [
        [
            mode,
            setting,
            *(common.spread([one[key] for one in judged]) for key in keys),
            against(judged, found.get((mode, PLAIN))),
            rarest(judged),
        ]
        for (mode, setting), judged in found.items()
    ]
    head = [
        "--mode",
        "--balance",
        "macro F1",
        "accuracy",
        "macro F1 beyond none",
        "recall of the rarest class",
    ]
    verdicts = [verdict(found, mode) for mode in given.modes]
    common.report(head, rows, f"mean (smallest-largest) of {given.seeds} seeds", *verdicts)


def verdict(found: dict[tuple[str, str], list[dict]], mode: str) -> str:
    """Whether what is recommended beats the plain setting in mean macro F1; empty where unknown."""
    pair = [found.get((mode, setting)) for setting in (PLAIN, RECOMMENDED)]
    if None in pair:
        return ""
    plain, recommended = (sum(one["macro_f1"] for one in judged) for judged in pair if judged)
    return f"{mode}: {RECOMMENDED} beats {PLAIN}: {'met' if recommended > plain else 'missed'}"


def against(judged: list[dict], plain: list[dict] | None) -> str:
    """How much macro F1 is gained on the same splits: mean and range over the seeds."""
    if plain is None or judged is plain:
        return ""
    gains = [one["macro_f1"] - other["macro_f1"] for one, other in zip(judged, plain, strict=True)]
    return common.spread(gains, "+.3f")


def rarest(judged: list[dict]) -> str:
    """The recall of the class with the fewest test images: mean and range over the trials."""
    smallest = [min(one["per_class"].values(), key=lambda figures: figures["support"]) for one in judged]
    return common.spread([figures["recall"] for figures in smallest])


if __name__ == "__main__":
    main()
