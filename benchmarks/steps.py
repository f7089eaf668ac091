"""Does the input pipeline hide? Images per second of our training, beside the model's bare steps.

Two sets: photos of about one megapixel at 224 pixels, and very many small images at 64 (drawn for it, into
the temporary workspace). In each round one epoch of a run, and the same model's forward, backward and
optimizer on a batch that lies in memory, at the same precision: nothing can exceed that. The share is the
median of the rounds' shares. On the device that a run takes by itself, so on a GPU where there is one; with
`--device cpu cuda` on both.

Takes about 15 minutes on two cores, most of it the 50,000 small images (`--many 0` leaves them out: 4
minutes); 5 minutes on a GPU. With `--home` it may be interrupted.

    python -m benchmarks.steps
    python -m benchmarks.steps --device cpu cuda
"""

import argparse
from pathlib import Path
from typing import Any

from benchmarks import common, indexing, photos, trials

TARGET = 0.8


def main() -> None:
    """Read the arguments, measure each set on each device, print the table."""
    parser = common.parser(__doc__, count=24, many=40, rounds=1, batch_size=4, image_size=32)
    parser.add_argument("photos", type=Path, nargs="?", help="class folders of photos (default: made)")
    parser.add_argument("--count", type=int, default=1200, help="photos to make")
    parser.add_argument("--many", type=int, default=50_000, help="small images to draw; 0: none")
    parser.add_argument("--rounds", type=int, default=3, help="with the photos; small images take one")
    parser.add_argument("--device", nargs="+", default=["auto"])
    parser.add_argument("--weights", default="starter")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=32)
    given = parser.parse_args()
    rows = []
    with common.home(given.home) as home:
        folder = photos.given_or_made(given.photos, home, given.count)
        sets = [("photos", folder, given.image_size, given.rounds)]
        if given.many:
            sets.append((f"{given.many:,} small images", _small(home, given.many), 64, 1))
        for name, source, size, rounds in sets:
            taken_in = photos.taken_in(home, source)
            for device in given.device:
                rows.append(_row(given, home, name, taken_in, size, device, rounds))
                common.heard(" ".join(map(str, rows[-1])))
    head = ["images", "px", "device", "ours, images/s", "the model alone", "share", f"target {TARGET:.0%}"]
    common.report(
        head, rows, f"medians of {given.rounds} rounds with the photos, batches of {given.batch_size}"
    )


def _small(home: Path, count: int) -> Path:
    """Draw the small images, once."""
    return photos.once(home / f"small-{count}", lambda part: indexing.draw(part, count))


def _row(
    given: argparse.Namespace,
    home: Path,
    name: str,
    source: tuple[str, str],
    size: int,
    device: str,
    rounds: int,
) -> list[object]:
    shared = [*source, size, device, given.batch_size, given.weights]
    found = [
        trials.kept(home, ["steps", number, *shared], lambda: pair(given, home, source, size, device))
        for number in range(rounds)
    ]
    share = common.median([one["ours"] / one["model"] for one in found])
    middle = [common.median([one[who] for one in found]) for who in ("ours", "model")]
    return [
        name,
        size,
        found[0]["on"],
        *(f"{value:.1f}" for value in middle),
        f"{share:.0%}",
        "met" if share >= TARGET else "missed",
    ]


def pair(
    given: argparse.Namespace, home: Path, source: tuple[str, str], size: int, device: str = "auto"
) -> dict[str, Any]:
    """Images per second of one epoch of `ours` and of the `model` alone, and `on` what; `source` is the
    dataset and its split.
    """
    shared = ["--image-size", size, "--batch-size", given.batch_size]
    asked = ["--dataset", source[0], "--split", source[1], "--weights", given.weights, "--device", device]
    ours = common.role(home, "benchmarks.one_epoch", "ours", *shared, *asked)
    alike = ["--precision", ours["precision"], "--batch-norm", ours["batch_norm"], "--device", ours["device"]]
    model = common.role(home, "benchmarks.one_epoch", "model", *shared, *alike)
    said = f"{ours['device']}, {ours['precision']}"
    return {"ours": ours["images_per_second"], "model": model["images_per_second"], "on": said}


if __name__ == "__main__":
    main()
