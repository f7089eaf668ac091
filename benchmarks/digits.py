"""Handwritten digits from random weights: test accuracy of a ResNet18 at 64 pixels. Aimed at: at least 0.95.

Takes about 10 minutes on two cores; with `--home` it may be interrupted.

    python -m benchmarks.digits
"""

from benchmarks import common, trials

TARGET = 0.95


def main() -> None:
    """Read the arguments, run every seed, print the table."""
    parser = common.parser(__doc__, seeds=1, epochs=1, image_size=32)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="(default: what the recipe takes for random weights)")
    parser.add_argument("--image-size", type=int, default=64)
    given = parser.parse_args()
    options = ["--weights", "none", "--image-size", given.image_size]
    options += ["--epochs", given.epochs] if given.epochs else []
    with common.home(given.home) as home:
        common.dataset(home, "digits", None)
        found = [trials.trial(home, "digits", seed, *options) for seed in range(given.seeds)]
    rows = [
        [seed, f"{one['accuracy']:.3f}", one["n_images"], f"{one['seconds']:.0f}"]
        for seed, one in enumerate(found)
    ]
    least = min(one["accuracy"] for one in found)
    note = f"95 % interval of all test images together {trials.interval(found)}"
    head = ["seed", "test accuracy", "test images", "seconds"]
    common.report(head, rows, note, f"each {common.met(least, at_least=TARGET)}")


if __name__ == "__main__":
    main()
