"""How much planted trouble the check finds, and what grouping by near-duplicates keeps together.

    python -m benchmarks.checks planted    copies and wrong labels planted in caltech10: 4 minutes
    python -m benchmarks.checks mri        mri_augmented: copies that a random split tears apart: 1 minute
    python -m benchmarks.checks hostile    odd, broken and malicious files are indexed: 1 minute

(on two cores). `mri` goes by hashes alone, and with `--features` (2 minutes more) by features as well. Wants
the shared images, and ImageNet MobileNetV2 weights for `planted` and `--features`; works on copies in the
workspace. Aimed at, recall and precision: exact copies 100 and 100 %, re-encoded ones 98 and 98, transformed
ones 90 and 95, wrong labels 70 and 70; of the hostile files every one taken or set aside, as their manifest
says, in under 1 GiB. For `mri` nothing is aimed at: its subjects look alike.
"""

import argparse
import collections
import csv
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks import common, memory, trials
from core import memory as own_memory
from core.commands import features
from core.data import checks, crops, datasets, images, near, shortcuts, suspects
from core.progress import silent
from core.split import store
from core.split.config import SplitConfig

AIMS = {"exact": (1.0, 1.0), "re-encoded": (0.98, 0.98), "transformed": (0.9, 0.95), "labels": (0.7, 0.7)}
"""Recall and precision."""
MOST_MIB = 1024
Pairs = set[tuple[str, str]]


def plant(
    source: Path, target: Path, seed: int, each: int
) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Copy class folders and plant trouble, `each` copies of a kind and half as many wrong labels again:
    {copy: (kind, original)} and {path: true label}.
    """
    shutil.rmtree(target, ignore_errors=True)  # of an interrupted call
    random = np.random.default_rng(seed)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.csv", "*.md"))
    originals = sorted(path.relative_to(target).as_posix() for path in target.rglob("*.jpg"))
    chosen = [originals[number] for number in random.permutation(len(originals))[: 4 * each + each // 2]]
    copies = {}
    for number, path in enumerate(chosen[: 3 * each]):
        kind = ("exact", "re-encoded", "transformed")[number // each]
        name = f"{path.rsplit('/', 1)[0]}/planted_{number:03d}.jpg"
        _copy(target / path, target / name, kind, random)
        copies[name] = (kind, path)
    classes = sorted({path.split("/")[0] for path in originals})
    moved = {}
    for path in chosen[3 * each :]:
        label, name = path.split("/")
        wrong = str(random.choice([one for one in classes if one != label]))
        (target / path).rename(target / wrong / f"moved_{label}_{name}")
        moved[f"{wrong}/moved_{label}_{name}"] = label
    return copies, moved


def _copy(source: Path, target: Path, kind: str, random: np.random.Generator) -> None:
    if kind == "exact":
        shutil.copyfile(source, target)
        return
    with Image.open(source) as opened:
        image = opened.convert("RGB")
    width, height = image.size
    if kind == "re-encoded" and random.random() < 0.5:
        image.save(target, quality=int(random.integers(40, 80)))
        return
    if kind == "re-encoded":
        scale = float(random.choice([0.5, 0.7, 1.5]))
        image.resize((round(width * scale), round(height * scale))).save(target, quality=85)
        return
    turns = [Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270, None]
    turn = turns[int(random.integers(len(turns)))]
    box = (round(width * 0.05), round(height * 0.05), round(width * 0.95), round(height * 0.95))
    (image.crop(box) if turn is None else image.transpose(turn)).save(target, quality=85)


def _named(table: pd.DataFrame, found: np.ndarray) -> Pairs:
    paths = table["path"].to_numpy()
    return {(paths[a], paths[b]) for a, b in found}


def _score(found: Pairs, copies: dict[str, tuple[str, str]], kinds: set[str]) -> tuple[float, float, int]:
    """Recall of the planted pairs of some kinds; precision among pairs that hold a planted copy.

    A copy that meets another copy or a natural twin of its own original is neither right nor wrong.
    """
    partners = collections.defaultdict(set)
    for one, other in found:
        partners[one].add(other)
        partners[other].add(one)
    planted = {name: original for name, (kind, original) in copies.items() if kind in kinds}
    hit = sum(original in partners[name] for name, original in planted.items())
    wrong = 0
    for name, (_, original) in copies.items():
        twins = partners[original] | {original}
        sources = {copies[one][1] if one in copies else one for one in partners[name]}
        wrong += len(sources - twins)
    return hit / len(planted), hit / max(1, hit + wrong), wrong


def planted(home: Path, given: argparse.Namespace) -> None:
    """Plant trouble in caltech10 and print what is found."""
    source = trials.few(home, common.SHARED / "data" / "caltech10", given.most)
    copies, moved = plant(source, home / "planted", given.seed, given.each)
    trials.forget("planted")
    dataset = datasets.add("planted", home / "planted")
    common.heard(
        f"{len(dataset.table):,} images, {len(copies)} of them copies, {len(moved)} under a wrong label"
    )
    report = checks.check(dataset)
    exact = {(a, b) for group in report.exact_duplicates for a in group for b in group if a != b}
    true = {(name, original) for name, (kind, original) in copies.items() if kind == "exact"}
    true |= {(b, a) for a, b in true}
    by_hash = _named(dataset.table, near.pairs(dataset.table))
    common.heard("hashes are compared; now the features")
    found, basis = features.of_dataset(dataset, given.backbone, given.weights, silent)
    with_features = by_hash | _named(dataset.table, crops.pairs(dataset.table, found))
    listed = {one["path"] for one in suspects.find(dataset.table, found)}
    # Rows that moved keep no trace but their name; their copies, if any, were made from the same pixels.
    rows = [
        _line("exact copies", "exact", len(exact & true) / len(true), len(exact & true) / max(1, len(exact)))
    ]
    for kind, pairs, how in (
        ("re-encoded", by_hash, "hashes"),
        ("transformed", by_hash, "hashes alone"),
        ("transformed", with_features, f"hashes and {basis}"),
    ):
        recall, precision, wrong = _score(pairs, copies, {kind})
        rows.append(_line(f"{kind} copies, {how} ({wrong} wrong)", kind, recall, precision))
        if "alone" in how:  # crops are found by features, and asked for of both together
            rows[-1][-1] = ""
    right = len(listed & set(moved))
    rows.append(_line("wrong labels", "labels", right / len(moved), right / max(1, len(listed))))
    told = [one for one in report.shortcuts if (one["class"], one["feature"]) == ("car_side", "greyscale")]
    said = shortcuts.in_words(told[0]) if told else "nothing"
    note = f"the shortcut check says of car_side: {said} ({'met' if told else 'missed'})"
    common.report(["finding", "recall", "precision", "target"], rows, note)


def _line(what: str, kind: str, recall: float, precision: float) -> list[str]:
    least = AIMS[kind]
    good = recall >= least[0] and precision >= least[1]
    target = f"{least[0]:.2f} / {least[1]:.2f}: {'met' if good else 'missed'}"
    return [what, f"{recall:.3f}", f"{precision:.3f}", target]


def mri(home: Path, given: argparse.Namespace) -> None:
    """mri_augmented: same-subject pairs that a random split tears apart, and what grouping does to them.

    A pair: two images of one subject in one class. "Kept in one group" and "kept on one side" are shares of
    the pairs that a random split tears; "in mixed groups" is the share of images whose group mixes subjects.
    """
    common.dataset(home, "mri", common.SHARED / "data" / "mri_augmented")
    dataset = datasets.load("mri")
    random = store.divide("random", dataset, SplitConfig(group_by="none", seed=given.seed))
    ways: dict[str, np.ndarray | None] = {"hashes": None}
    if given.features:
        found, basis = features.of_dataset(dataset, given.backbone, given.weights, silent)
        ways[f"hashes and {basis}"] = crops.clusters(dataset.table, found)
    rows = []
    for how, clusters in ways.items():
        split = store.divide("grouped", dataset, SplitConfig(seed=given.seed), clusters=clusters)
        rows.append([f"near-duplicates by {how}", *_kept(dataset.table, random.table, split.table)])
        common.heard(" | ".join(rows[-1]))
    for group_by in ("column:group", r"pattern:aug_(.+?)_0_"):
        split = store.divide("grouped", dataset, SplitConfig(group_by=group_by, seed=given.seed))
        rows.append([group_by, *_kept(dataset.table, random.table, split.table)])
    head = ["grouped by", "kept in one group", "kept on one side", "images in mixed groups", "torn subjects"]
    torn = next(int(row[-1]) for row in rows if row[0] == "column:group")
    note = f"no subject straddles when grouped by groups.csv: {common.met(torn, at_most=0)}"
    common.report(head, rows, note)


def _kept(table: pd.DataFrame, random: pd.DataFrame, split: pd.DataFrame) -> list[str]:
    """Of the pairs (same subject, same class) that the random split tears: how many a grouping holds."""
    frame = table[["path", "label", "group"]].rename(columns={"group": "subject"})
    frame = frame.assign(random=random["subset"], group=split["group"], subset=split["subset"])
    torn = held = together = 0
    for _, rows in frame.groupby(["subject", "label"]):
        values = {name: rows[name].to_numpy() for name in ("random", "group", "subset")}
        apart = np.triu(values["random"][:, None] != values["random"][None])
        torn += int(apart.sum())
        held += int((apart & (values["group"][:, None] == values["group"][None])).sum())
        together += int((apart & (values["subset"][:, None] == values["subset"][None])).sum())
    mixed = frame.groupby("group")["subject"].transform("nunique") > 1
    subjects = int((frame.groupby("subject")["subset"].nunique() > 1).sum())
    return [f"{held / torn:.3f}", f"{together / torn:.3f}", f"{mixed.mean():.3f}", str(subjects)]


def hostile(home: Path, given: argparse.Namespace) -> None:
    """Index the hostile files; count agreement with their manifest, and the memory of the largest worker."""
    root = common.SHARED / "data" / "hostile"
    trials.forget("hostile")
    with memory.watched(os.getpid()) as worker:
        dataset = datasets.add("hostile", root)
    taken, aside = set(dataset.table["path"]), set(dataset.set_aside["path"])
    with open(root / "manifest.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (root / row["file"]).is_file()]
    known = [row for row in rows if row["format"] in images.FORMATS]
    agree = sum((row["file"] in taken) == (row["expected"] == "decodes") for row in known)
    lost = [row["file"] for row in rows if row["file"] not in taken | aside]
    here = own_memory.peak_bytes() / 2**20
    cells = [
        ["files", str(len(rows)), ""],
        ["taken", str(len(taken)), ""],
        ["set aside with a reason", str(len(aside)), ""],
        ["lost", str(len(lost)), common.met(len(lost), at_most=0)],
        [f"as the manifest expects, of {len(known)} in the six formats", str(agree), _all(agree, len(known))],
        ["most memory of a worker, MiB", f"{worker.all:.0f}", common.met(worker.all, at_most=MOST_MIB)],
        ["most memory here, MiB", f"{here:.0f}", common.met(here, at_most=MOST_MIB)],
    ]
    common.report(["what", "found", "target"], cells)


def _all(found: int, of: int) -> str:
    return f"all: {'met' if found == of else 'missed'}"


def main() -> None:
    """Read the arguments and run one of the three."""
    parser = common.parser(__doc__, most=24, each=8)
    parser.add_argument("what", choices=["planted", "mri", "hostile"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backbone", default="mobilenet_v2")
    parser.add_argument("--weights", default=str(common.MOBILENET), help="a file, or as `train` takes them")
    parser.add_argument("--features", action="store_true", help="`mri` by features as well")
    parser.add_argument("--most", type=int, help="`planted`: at most so many images of each class")
    parser.add_argument("--each", type=int, default=40, help="`planted`: copies of each kind")
    given = parser.parse_args()
    with common.home(given.home) as home:
        {"planted": planted, "mri": mri, "hostile": hostile}[given.what](home, given)


if __name__ == "__main__":
    main()
