"""Accuracy is not paid for speed: our full finetune beside the lesson's loop, same splits, same weights.

Each seed makes one split, on which both train for as many epochs from the same backbone weights and are
judged on the same test images. Ours takes its own recipe; the lesson's loop one learning rate for all.

    python -m benchmarks.parity --seeds 3
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks import common


def lesson(given: argparse.Namespace, home: Path, seed: int, rate: float) -> float:
    """Test accuracy of the lesson's loop on the split of that seed."""
    with tempfile.TemporaryDirectory() as folder:
        linked = common.link_split(home, f"{given.data.name}-{seed}", given.data, Path(folder))
        options = ["--backbone", given.backbone, "--weights", given.weights.resolve(), "--seed", seed]
        options += ["--epochs", given.epochs, "--learning-rate", rate, "--image-size", given.image_size]
        return common.role(home, "benchmarks.lesson_baseline", linked, *options)["test"][-1]


def main() -> None:
    """Read the arguments, run every seed both ways, print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--data", type=Path, default=common.SHARED / "data" / "birdcatdog")
    parser.add_argument("--backbone", default="mobilenet_v2", choices=["resnet18", "mobilenet_v2"])
    weights = common.SHARED / "weights" / "mobilenet_v2_imagenet.pth"
    parser.add_argument("--weights", type=Path, default=weights)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--rates", type=float, nargs="*", default=[1e-4], help="of the lesson's loop")
    given = parser.parse_args()
    options = ["--backbone", given.backbone, "--weights", given.weights.resolve()]
    options += ["--epochs", given.epochs, "--image-size", given.image_size]
    with common.home(given.home) as home:
        common.dataset(home, given.data.name, given.data)
        ours = [common.trial(home, given.data.name, seed, *options) for seed in range(given.seeds)]
        rows = [["ours", common.spread([one["accuracy"] for one in ours])]]
        for rate in given.rates:
            plain = [lesson(given, home, seed, rate) for seed in range(given.seeds)]
            rows.append([f"lesson's loop, Adam {rate:g}", common.spread(plain)])
    common.report(["way", "test accuracy"], rows, f"mean (smallest-largest) of {given.seeds} seeds")


if __name__ == "__main__":
    main()
