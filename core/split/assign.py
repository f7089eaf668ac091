"""Dividing labelled, grouped images among subsets: stratified, repeatable on any machine.

Groups are dealt out whole, the largest first, each to the subset that is furthest from its share of the
group's classes. With one image a group that gives exact stratification; with large groups it comes as near
as whole groups allow. The order of equals is shuffled by hashes of seed and name, not by a generator, so
that no library's version and no order of rows changes it.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.errors import SplitError

MIN_PER_CLASS = 3


@dataclass
class _Group:
    name: str
    members: list[int] = field(default_factory=list)
    classes: Counter[str] = field(default_factory=Counter)


def assign(
    paths: Sequence[str], labels: Sequence[str], groups: Sequence[str], shares: dict[str, float], seed: int
) -> list[str]:
    """The subset of each image, in the order given.

    `shares` maps subset to its share and adds up to 1; subsets with share 0 stay empty. Every class gets
    at least one group in every other subset.

    Raises:
        SplitError: a class has fewer than 3 images or groups, or groups leave a subset without a class.
    """
    check_classes(labels, groups)
    shares = {subset: share for subset, share in shares.items() if share > 0}
    gathered = _gathered(paths, labels, groups, seed)
    totals = Counter(labels)
    targets = {subset: {label: share * n for label, n in totals.items()} for subset, share in shares.items()}
    counts: dict[str, Counter[str]] = {subset: Counter() for subset in shares}
    home: dict[str, str] = {}
    for group in gathered:
        subset = min(shares, key=lambda one: _cost(group, counts[one], targets[one]))
        home[group.name] = subset
        counts[subset].update(group.classes)
    _fill_gaps(gathered, home, counts)
    _check_subsets(counts, totals)
    return [home[group] for group in groups]


def folds(
    paths: Sequence[str], labels: Sequence[str], groups: Sequence[str], n_folds: int, seed: int
) -> list[int]:
    """The fold of each image, 0 to n_folds - 1, stratified and with groups whole: for cross-validation.

    Raises:
        SplitError: fewer than 2 folds, or a class with fewer groups than folds.
    """
    if n_folds < 2:
        raise SplitError(f"Cross-validation needs at least 2 folds; found {n_folds}.")
    per_class: dict[str, set[str]] = defaultdict(set)
    for label, group in zip(labels, groups, strict=True):
        per_class[label].add(group)
    label, n = min(
        ((one, len(names)) for one, names in per_class.items()), key=lambda item: (item[1], item[0])
    )
    if n < n_folds:
        raise SplitError(
            f"Class {label!r} has {n} groups of images; {n_folds} folds need as many. Use fewer folds."
        )
    shares = {str(fold): 1 / n_folds for fold in range(n_folds)}
    return [int(fold) for fold in assign(paths, labels, groups, shares, seed)]


def check_classes(labels: Sequence[str], groups: Sequence[str]) -> None:
    """Refuse labels that cannot be divided in three.

    Raises:
        SplitError: there are fewer than two classes, or one has fewer than 3 images or 3 groups.
    """
    images = Counter(labels)
    if len(images) < 2:
        raise SplitError(
            f"A split needs at least 2 classes; found {', '.join(images) or 'none'}. Add another class."
        )
    label, n = min(images.items(), key=lambda item: (item[1], item[0]))
    if n < MIN_PER_CLASS:
        raise SplitError(
            f"Class {label!r} has {n} usable image{'s' * (n != 1)}; a train/validation/test split needs "
            f"at least {MIN_PER_CLASS}. Add images of {label!r} or leave the class out."
        )
    per_class: dict[str, set[str]] = defaultdict(set)
    for one, group in zip(labels, groups, strict=True):
        per_class[one].add(group)
    label, n = min(
        ((label, len(names)) for label, names in per_class.items()), key=lambda item: (item[1], item[0])
    )
    if n < MIN_PER_CLASS:
        raise SplitError(
            f"Class {label!r} has {images[label]} images in {n} group{'s' * (n != 1)} that must stay "
            f"together; at least {MIN_PER_CLASS} groups are needed. Add other images of {label!r}, or group "
            "by something else."
        )


def _gathered(paths: Sequence[str], labels: Sequence[str], groups: Sequence[str], seed: int) -> list[_Group]:
    """Groups by falling size; equals in an order that only seed and paths decide."""
    found: dict[str, _Group] = {}
    first: dict[str, str] = {}
    for number, (path, label, name) in enumerate(zip(paths, labels, groups, strict=True)):
        group = found.setdefault(name, _Group(name))
        group.members.append(number)
        group.classes[label] += 1
        first[name] = min(first.get(name, path), path)
    order = {name: hashlib.sha256(f"{seed}\0{path}".encode()).digest() for name, path in first.items()}
    return sorted(found.values(), key=lambda group: (-len(group.members), order[group.name]))


def _cost(group: _Group, counts: Counter[str], targets: dict[str, float]) -> float:
    """How much taking the group in adds to the squared distance from the targets."""
    return sum(n * (2 * (counts[label] - targets[label]) + n) for label, n in group.classes.items())


def _fill_gaps(gathered: list[_Group], home: dict[str, str], counts: dict[str, Counter[str]]) -> None:
    """Give every subset a group of every class, taking small groups from where the class has most."""
    labels = sorted({label for group in gathered for label in group.classes})
    for label in labels:
        for subset in counts:
            if counts[subset][label]:
                continue
            movable = [group for group in gathered if group.classes[label] and _spares(group, home, counts)]
            if movable:
                group = min(movable, key=lambda one: (len(one.members), -counts[home[one.name]][label]))
                counts[home[group.name]].subtract(group.classes)
                counts[subset].update(group.classes)
                home[group.name] = subset


def _spares(group: _Group, home: dict[str, str], counts: dict[str, Counter[str]]) -> bool:
    """Whether its subset keeps an image of each of the group's classes without it."""
    return all(counts[home[group.name]][label] > n for label, n in group.classes.items())


def _check_subsets(counts: dict[str, Counter[str]], totals: Counter[str]) -> None:
    for subset, found in counts.items():
        missing = sorted(label for label in totals if found[label] == 0)
        if missing:
            raise SplitError(
                f"The {subset} subset would get no image of {missing[0]!r}: the groups that must stay "
                "together are too large or mix too many classes. Group by something finer, or change the "
                "shares."
            )
