"""How much planted trouble the check finds, and what grouping by near-duplicates keeps together.

    python -m benchmarks.checks planted    copies and wrong labels planted in caltech10
    python -m benchmarks.checks mri        mri_augmented: augmented copies that a random split tears apart
    python -m benchmarks.checks hostile    odd, broken and malicious files

`mri` goes by hashes alone, and with `--backbone mobilenet_v2 --weights FILE` by features as well. Wants the
shared images, `planted` also ImageNet MobileNetV2 weights; works on copies in a temporary workspace.
"""

import argparse
import collections
import csv
import os
import resource
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks import common
from core.commands import features
from core.data import checks, crops, datasets, images, near, shortcuts, suspects
from core.progress import silent
from core.split import store
from core.split.config import SplitConfig

WEIGHTS = str(common.SHARED / "weights" / "mobilenet_v2_imagenet.pth")
BACKBONE = "mobilenet_v2"
Pairs = set[tuple[str, str]]


def plant(source: Path, target: Path, seed: int) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Copy class folders and plant trouble: {copy: (kind, original)} and {path: true label}."""
    random = np.random.default_rng(seed)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.csv", "*.md"))
    originals = sorted(path.relative_to(target).as_posix() for path in target.rglob("*.jpg"))
    chosen = [originals[number] for number in random.permutation(len(originals))[:180]]
    copies = {}
    for number, path in enumerate(chosen[:120]):
        kind = ("exact", "re-encoded", "transformed")[number // 40]
        name = f"{path.rsplit('/', 1)[0]}/planted_{number:03d}.jpg"
        _copy(target / path, target / name, kind, random)
        copies[name] = (kind, path)
    classes = sorted({path.split("/")[0] for path in originals})
    moved = {}
    for path in chosen[120:]:
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


def planted(folder: Path, given: argparse.Namespace) -> None:
    """Plant trouble in caltech10 and print what is found."""
    source = common.SHARED / "data" / "caltech10"
    copies, moved = plant(source, folder / "planted", given.seed)
    dataset = datasets.add("planted", folder / "planted")
    report = checks.check(dataset)
    exact = {(a, b) for group in report.exact_duplicates for a in group for b in group if a != b}
    true = {(name, original) for name, (kind, original) in copies.items() if kind == "exact"}
    true |= {(b, a) for a, b in true}
    by_hash = _named(dataset.table, near.pairs(dataset.table))
    found, basis = features.of_dataset(dataset, given.backbone or BACKBONE, given.weights or WEIGHTS, silent)
    with_features = by_hash | _named(dataset.table, crops.pairs(dataset.table, found))
    listed = {one["path"] for one in suspects.find(dataset.table, found)}
    # Rows that moved keep no trace but their name; their copies, if any, were made from the same pixels.
    rows = [["exact copies", *_pair(len(exact & true) / len(true), len(exact & true) / max(1, len(exact)))]]
    for kinds, pairs, how in (
        ({"re-encoded"}, by_hash, "hashes"),
        ({"transformed"}, by_hash, "hashes"),
        ({"transformed"}, with_features, f"hashes and {basis}"),
    ):
        recall, precision, wrong = _score(pairs, copies, kinds)
        rows.append([f"{next(iter(kinds))} copies, {how} ({wrong} wrong)", *_pair(recall, precision)])
    right = len(listed & set(moved))
    rows.append(["wrong labels", *_pair(right / len(moved), right / max(1, len(listed)))])
    common.report(["finding", "recall", "precision"], rows)
    for one in report.shortcuts:
        if one["class"] == "car_side" and one["feature"] == "greyscale":
            print(shortcuts.in_words(one))


def _pair(recall: float, precision: float) -> list[str]:
    return [f"{recall:.3f}", f"{precision:.3f}"]


def mri(folder: Path, given: argparse.Namespace) -> None:
    """mri_augmented: same-subject pairs that a random split tears apart, and what grouping does to them.

    A pair: two images of one subject in one class. "Kept in one group" and "kept on one side" are shares of
    the pairs that a random split tears; "in mixed groups" is the share of images whose group mixes subjects.
    """
    dataset = datasets.add("mri", common.SHARED / "data" / "mri_augmented")
    random = store.divide("random", dataset, SplitConfig(group_by="none", seed=given.seed))
    ways: dict[str, np.ndarray | None] = {"hashes": None}
    if given.backbone:
        found, basis = features.of_dataset(dataset, given.backbone, given.weights or WEIGHTS, silent)
        ways[f"hashes and {basis}"] = crops.clusters(dataset.table, found)
    rows = []
    for how, clusters in ways.items():
        split = store.divide("grouped", dataset, SplitConfig(seed=given.seed), clusters=clusters)
        rows.append([f"near-duplicates by {how}", *_kept(dataset.table, random.table, split.table)])
    for group_by in ("column:group", r"pattern:aug_(.+?)_0_"):
        split = store.divide("grouped", dataset, SplitConfig(group_by=group_by, seed=given.seed))
        rows.append([group_by, *_kept(dataset.table, random.table, split.table)])
    head = ["grouped by", "kept in one group", "kept on one side", "images in mixed groups", "torn subjects"]
    common.report(head, rows)


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


def hostile(folder: Path, given: argparse.Namespace) -> None:
    """Index the hostile files; count agreement with their manifest, and the memory of the largest worker."""
    root = common.SHARED / "data" / "hostile"
    dataset = datasets.add("hostile", root)
    taken, aside = set(dataset.table["path"]), set(dataset.set_aside["path"])
    with open(root / "manifest.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (root / row["file"]).is_file()]
    known = [row for row in rows if row["format"] in images.FORMATS]
    agree = sum((row["file"] in taken) == (row["expected"] == "decodes") for row in known)
    lost = [row["file"] for row in rows if row["file"] not in taken | aside]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(rows)} files: {len(taken)} taken, {len(aside)} set aside, {len(lost)} lost")
    print(f"{agree} of {len(known)} in the six formats agree with the manifest")
    print(f"peak memory: {peak:.0f} MiB in a worker, {here:.0f} MiB here")


def main() -> None:
    """Read the arguments and run one of the three."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["planted", "mri", "hostile"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backbone")
    parser.add_argument("--weights", help="a file, or what `--weights` of the command line takes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FIELDGUIDE_HOME"] = str(Path(folder) / "workspace")
        {"planted": planted, "mri": mri, "hostile": hostile}[given.what](Path(folder), given)


if __name__ == "__main__":
    main()
