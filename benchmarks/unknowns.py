"""How many images of other kinds are turned away as unknown, when 5 % of the known ones are.

Trains one run on birdcatdog (quick mode), then asks it about images that are no birds, cats or dogs, about
drawings of them, and about birds from another source, which it should know. Aimed at: of
every other kind at least 90 % turned away, of birds from another source at most 20 %.

Takes about 4 minutes on two cores.

    python -m benchmarks.unknowns
    python -m benchmarks.unknowns --backbone resnet18 --weights starter --most 100
"""

import random
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks import common, trials

OTHER_KINDS = ("airplanes", "Motorbikes", "watch", "bonsai", "inline_skate")
KNOWN_KINDS = ("pigeon", "ibis")
MADE = 60
AT_LEAST, AT_MOST = 0.9, 0.2


def main() -> None:
    """Read the arguments, train, ask, print the table."""
    parser = common.parser(__doc__, most=4, trained_on=8, options="--image-size 64")
    parser.add_argument("--backbone", default="mobilenet_v2")
    parser.add_argument("--weights", default=str(common.MOBILENET))
    parser.add_argument("--mode", default="quick", choices=["quick", "full"])
    parser.add_argument("--most", type=int, default=200, help="at most so many images of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--trained-on", type=int, help="at most so many images of each class (default: all)")
    parser.add_argument("--options", default="", help="further options of `train`, in one string")
    given = parser.parse_args()
    with common.home(given.home) as home:
        name = trials.dataset(home, common.SHARED / "data" / "birdcatdog", given.trained_on)
        options = ["--backbone", given.backbone, "--weights", given.weights, "--mode", given.mode]
        run = trials.trial(home, name, given.seed, *options, *shlex.split(given.options))["run"]
        rows = [
            [kind, known, *_ask(kind, known, run, files)]
            for kind, known, files in _kinds(home, run, given.most)
        ]
    head = [
        "images",
        "of a known kind",
        "asked",
        "turned away",
        "called something at 90 % or more, not turned away",
        "target",
    ]
    common.report(head, rows, "cut-off at 5 % of the known images, by their distances out of fold")


def _kinds(home: Path, run: str, most: int) -> list[tuple[str, str, list[Path]]]:
    """Name, whether it is a known kind, and files, of everything that is asked about."""
    data = common.SHARED / "data"
    manifest = pd.read_parquet(home / "runs" / run / "manifest.parquet")
    test = manifest.loc[manifest["subset"] == "test", "file"]
    found = [("birdcatdog, test", "yes", [Path(file) for file in test])]
    found += [(f"caltech10 {kind}", "yes", _some(data / "caltech10" / kind, most)) for kind in KNOWN_KINDS]
    found += [(f"caltech10 {kind}", "no", _some(data / "caltech10" / kind, most)) for kind in OTHER_KINDS]
    found += [("mri_augmented", "no", _some(data / "mri_augmented", most))]
    made = home / "made"
    _noise_and_blanks(made, MADE)
    common.dataset(home, "drawn-animals", None)
    drawn = home / "datasets" / "drawn-animals" / "images"
    return [
        *found,
        ("noise", "no", _some(made / "noise", most)),
        ("blank", "no", _some(made / "blank", most)),
        ("drawn animals", "no", _some(drawn, most)),
    ]


def _some(folder: Path, most: int) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    return sorted(random.Random(0).sample(files, min(most, len(files))))


def _noise_and_blanks(folder: Path, count: int) -> None:
    chance = np.random.default_rng(0)
    for kind in ("noise", "blank"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        height, width = (int(value) for value in chance.integers(100, 500, 2))
        noise = chance.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / "noise" / f"{number}.png")
        colour = tuple(int(value) for value in chance.integers(0, 256, 3))
        Image.new("RGB", (width, height), colour).save(folder / "blank" / f"{number}.png")


def _ask(kind: str, known: str, run: str, files: list[Path]) -> list[str]:
    from core.inference import loaded

    answers = [answer for answer in loaded.get(run).stream(files) if answer.error is None]
    away = sum(bool(answer.unknown) for answer in answers) / len(answers)
    sure = sum((answer.probability or 0) >= 0.9 and not answer.unknown for answer in answers) / len(answers)
    common.heard(f"{kind}: {away:.2f} of {len(answers)} turned away")
    return [str(len(answers)), f"{away:.2f}", f"{sure:.2f}", _target(kind, known, away)]


def _target(kind: str, known: str, away: float) -> str:
    """Whether the share that was turned away is what is aimed at; the own test images have no target."""
    if known == "no":
        return common.met(away, at_least=AT_LEAST)
    return common.met(away, at_most=AT_MOST) if kind.startswith("caltech10") else ""


if __name__ == "__main__":
    main()
