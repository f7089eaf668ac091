"""Images per second of a full finetune, beside the lesson's plain loop and the bare model.

In each round, one epoch over the same photos by the lesson's loop, by ours (every weight learns, light
augmentation), five by ours with progressive resizing, and the model's steps alone, without data, which
nothing can exceed. Steps are timed; what comes before the first of them (decoding into the cache, loading
weights) is `quick.py`'s to measure. A figure is the median over the rounds; a ratio is the median of the
rounds' ratios, as the speed of a shared machine changes from minute to minute. Then what progressive resizing
costs in accuracy: both ways on the same splits of birdcatdog, one for each seed. Ours is to be at least 2.2
times as fast as the lesson's loop; aimed at are 2.5, and 4 with progressive resizing.

Takes about 12 minutes for the speeds and 8 for the accuracy on two cores (`--seeds 0`: none). With
`--home` it may be interrupted.

    python -m benchmarks.training_speed                 1,200 photos of about one megapixel, made for it
    python -m benchmarks.training_speed /tmp/photos     those of `benchmarks.photos`, or your own

fastai and Lightning need an environment of their own, for they are no dependency of Fieldguide; they add
about 10 minutes, in fp32 (their default) and in bf16:

    python -m venv ../peers && ../peers/bin/pip install fastai lightning torchvision
    python -m benchmarks.training_speed --peers-python ../peers/bin/python
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks import common, photos, steps, trials

PEERS = ("fastai", "fastai-bf16", "lightning", "lightning-bf16")
LESSON, OURS, PROGRESSIVE, MODEL = "lesson's loop", "ours", "ours, progressive", "the model alone"
TARGET, AIM, PROGRESSIVE_AIM = 2.2, 2.5, 4.0


def measure(given: argparse.Namespace, home: Path) -> dict[str, list[float]]:
    """Images per second of each contender, round by round."""
    folder = photos.given_or_made(given.photos, home, given.count)
    taken_in = photos.taken_in(home, folder)
    speeds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as laid:
        linked = trials.link_split(home, taken_in[1], folder, Path(laid))
        for number in range(given.rounds):
            asked = ["speed", number, taken_in[0], *sizes(given), given.weights, given.epochs, *given.peers]
            done = trials.kept(home, asked, lambda: one_round(given, home, taken_in, linked))
            for name, speed in done.items():
                speeds.setdefault(name, []).append(speed)
            said = ", ".join(f"{name} {found[-1]:.1f}" for name, found in speeds.items())
            common.heard(f"round {number + 1} of {given.rounds}: {said}")
    return speeds


def one_round(
    given: argparse.Namespace, home: Path, taken_in: tuple[str, str], linked: Path
) -> dict[str, float]:
    """Images per second of each contender, one after the other."""
    baseline = common.role(home, "benchmarks.lesson_baseline", linked, *sizes(given), "--epochs", 1)
    found = steps.pair(given, home, taken_in, given.image_size, "cpu")
    source = ["--dataset", taken_in[0], "--split", taken_in[1], "--weights", given.weights, "--device", "cpu"]
    smaller = [*sizes(given), *source, "--epochs", given.epochs, "--progressive", "on"]
    progressive = common.role(home, "benchmarks.one_epoch", "ours", *smaller)
    speeds = {LESSON: baseline["images_per_second"][0], OURS: found["ours"]}
    speeds |= {PROGRESSIVE: progressive["images_per_second"], MODEL: found["model"]}
    return speeds | {peer: peer_epoch(given, peer, linked) for peer in given.peers or ()}


def sizes(given: argparse.Namespace) -> list[object]:
    """The arguments that all contenders share."""
    return ["--image-size", given.image_size, "--batch-size", given.batch_size]


def peer_epoch(given: argparse.Namespace, peer: str, linked: Path) -> float:
    """Images per second of one epoch by a peer, in its own environment."""
    name, _, bf16 = peer.partition("-")
    command = [given.peers_python, "-m", "benchmarks.peers", linked, name, *sizes(given), "--epochs", 1]
    command += ["--bf16"] if bf16 else []
    words = [str(word) for word in command]
    process = subprocess.run(words, cwd=common.CHECKOUT, stdout=subprocess.PIPE, check=True)
    return json.loads(process.stdout.splitlines()[-1])["images_per_second"][0]


def accuracies(given: argparse.Namespace, home: Path) -> dict[str, str]:
    """Test accuracy with and without progressive resizing: mean, range, and interval over all seeds."""
    if not given.seeds:
        return {}
    name = trials.dataset(home, given.data, given.most)
    options = ["--weights", given.weights, "--image-size", given.image_size, "--epochs", given.epochs]
    said = {}
    for contender, switch in ((OURS, "off"), (PROGRESSIVE, "on")):
        asked = [*options, "--progressive", switch]
        found = [trials.trial(home, name, seed, *asked) for seed in range(given.seeds)]
        accuracy = common.spread([one["accuracy"] for one in found])
        said[contender] = f"{accuracy}, 95 % {trials.interval(found)}"
    return said


def rows(speeds: dict[str, list[float]], accuracy: dict[str, str]) -> list[list[object]]:
    """A line for each contender: median, and the median of its ratios to the lesson's loop."""
    lines = []
    for name, found in speeds.items():
        per_round = ", ".join(f"{x:.1f}" for x in found)
        against = common.median(ratios(speeds, name))
        lines.append(
            [name, f"{common.median(found):.1f}", f"{against:.2f}", per_round, accuracy.get(name, "")]
        )
    return lines


def ratios(speeds: dict[str, list[float]], name: str, to: str = LESSON) -> list[float]:
    """Times as fast, round by round."""
    return [x / base for x, base in zip(speeds[name], speeds[to], strict=True)]


def main() -> None:
    """Read the arguments, measure, print the table."""
    parser = common.parser(
        __doc__, count=24, rounds=1, image_size=32, batch_size=4, epochs=2, seeds=1, most=8
    )
    parser.add_argument("photos", type=Path, nargs="?", help="class folders of photos (default: made)")
    parser.add_argument("--count", type=int, default=1200, help="photos to make")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--weights", default="starter")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=5, help="with progressive resizing, and for accuracy")
    parser.add_argument("--seeds", type=int, default=3, help="for accuracy; 0: none")
    parser.add_argument("--data", type=Path, default=common.SHARED / "data" / "birdcatdog")
    parser.add_argument("--most", type=int, help="for accuracy at most so many images of each class")
    parser.add_argument("--peers-python", help="python of an environment with fastai and lightning")
    parser.add_argument("--peers", nargs="*", choices=PEERS, help="which peers (default: all)")
    given = parser.parse_args()
    given.peers = (given.peers or PEERS) if given.peers_python else ()
    with common.home(given.home) as home:
        speeds = measure(given, home)
        accuracy = accuracies(given, home)
    share = common.median(ratios(speeds, OURS, MODEL))
    notes = [f"ours is at {share:.0%} of the model alone"]
    times = common.median(ratios(speeds, OURS))
    notes.append(f"ours {common.met(times, at_least=TARGET)}, aim {common.met(times, at_least=AIM)}")
    times = common.median(ratios(speeds, PROGRESSIVE))
    notes.append(f"progressive, aim {common.met(times, at_least=PROGRESSIVE_AIM)}")
    head = ["contender", "images/s", "times the lesson's", "rounds"]
    head.append(f"test accuracy on {given.data.name}, {given.seeds} seeds" if given.seeds else "")
    common.report(head, rows(speeds, accuracy), *notes)


if __name__ == "__main__":
    main()
