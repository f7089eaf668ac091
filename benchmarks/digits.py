"""Handwritten digits from random weights: test accuracy of a ResNet18 at 64 pixels.

python -m benchmarks.digits --seeds 3
"""

from benchmarks import common


def main() -> None:
    """Read the arguments, run every seed, print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="(default: what the recipe takes for random weights)")
    parser.add_argument("--image-size", type=int, default=64)
    given = parser.parse_args()
    options = ["--weights", "none", "--image-size", given.image_size]
    options += ["--epochs", given.epochs] if given.epochs else []
    with common.home(given.home) as home:
        common.dataset(home, "digits", None)
        found = [common.trial(home, "digits", seed, *options) for seed in range(given.seeds)]
    rows = [
        [seed, f"{one['accuracy']:.3f}", one["n_images"], f"{one['seconds']:.0f}"]
        for seed, one in enumerate(found)
    ]
    common.report(["seed", "test accuracy", "test images", "seconds"], rows)


if __name__ == "__main__":
    main()
