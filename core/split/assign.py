"""Dividing labelled, grouped images among subsets: stratified, repeatable on any machine.

Groups are dealt out whole, the largest first, each to the subset that is furthest from its share of the
group's classes. With one image a group that gives exact stratification; with large groups it comes as near
as whole groups allow. Every class rounds its shares alone, so many small classes may add up to sizes that
nobody asked for; groups are then moved back until the subsets' totals fit too (`_even_out`). The order of
equals is shuffled by hashes of seed and name, not by a generator, so that no library's version and no order
of rows changes it.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.errors import SplitError

MIN_PER_CLASS = 3
_TOTAL = 0.25
"""What a miss of a subset's total weighs beside one of a class: enough to end within a few images of what was
asked, too little to make few classes uneven for the sake of one image. A power of two: sums stay exact."""


_Kind = tuple[tuple[str, int], ...]  # how many images of which classes a group holds


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
    _even_out(gathered, home, counts, targets)
    _check_subsets(counts, totals)
    return [home[group] for group in groups]


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
    rows = enumerate(zip(paths, labels, groups, strict=True))
    for number, (path, label, name) in sorted(rows, key=lambda row: row[1][0]):  # whatever order they came in
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


def _even_out(
    gathered: list[_Group],
    home: dict[str, str],
    counts: dict[str, Counter[str]],
    targets: dict[str, dict[str, float]],
) -> None:
    """Move groups between subsets while that brings the totals nearer than it takes the classes away.

    A group only leaves a subset that has more than its share of the group's classes, for one that has less:
    no class ends further from its share than one group, and one that fits exactly is not touched.
    """
    alike: dict[str, dict[_Kind, list[_Group]]] = {subset: defaultdict(list) for subset in counts}
    for group in gathered:
        alike[home[group.name]][tuple(sorted(group.classes.items()))].append(group)
    over = {
        one: {label: counts[one][label] - share for label, share in targets[one].items()} for one in counts
    }
    surplus = {one: counts[one].total() - sum(targets[one].values()) for one in counts}
    while move := _best_move(alike, over, counts, surplus):
        there, here, kind = move
        group = alike[there][kind].pop()
        alike[here][kind].append(group)
        home[group.name] = here
        counts[there].subtract(group.classes)
        counts[here].update(group.classes)
        for one, sign in ((there, -1), (here, 1)):
            surplus[one] += sign * len(group.members)
            over[one] |= {label: counts[one][label] - targets[one][label] for label in group.classes}


def _best_move(
    alike: dict[str, dict[_Kind, list[_Group]]],
    over: dict[str, dict[str, float]],
    counts: dict[str, Counter[str]],
    surplus: dict[str, float],
) -> tuple[str, str, _Kind] | None:
    """From where, to where, and which kind of group: the move that does most good between the two subsets
    furthest apart that have one; None if no move does any."""
    pairs = [(there, here) for there in counts for here in counts if surplus[there] > surplus[here]]
    for there, here in sorted(pairs, key=lambda pair: surplus[pair[1]] - surplus[pair[0]]):
        best, least = None, -1e-9  # what rounding errors alone may promise is no gain
        for kind, groups in alike[there].items():
            if not groups or not all(over[here][label] < 0 < over[there][label] for label, _ in kind):
                continue
            if any(counts[there][label] <= n for label, n in kind):
                continue  # the class's last images there
            size = sum(n for _, n in kind)
            cost = _TOTAL * 2 * size * (size - surplus[there] + surplus[here])
            cost += sum(2 * n * (n - over[there][label] + over[here][label]) for label, n in kind)
            if cost < least:
                best, least = kind, cost
        if best is not None:
            return there, here, best
    return None


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
