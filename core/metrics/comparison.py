"""Two runs on the images that both judged: is one really better, and on which images do they part?"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import signal, stats

from core import runs
from core.errors import MetricsError
from core.metrics import intervals, resampling, scores, store
from core.metrics.plain import plain
from core.metrics.scores import Ints


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pairs:
    """The images that both runs judged; class indices of `classes`, each field (n_common,).

    classes: the labels of both runs, sorted. paths: as the first run names them.
    """

    classes: list[str]
    paths: list[str]
    true: Ints
    first: Ints
    second: Ints
    groups: Ints | None = None

    @property
    def sample(self) -> intervals.Sample:
        """As the bootstrap sees them, with the first run's answers."""
        return intervals.Sample(
            true=self.true, predicted=self.first, n_classes=len(self.classes), groups=self.groups
        )


def pair(
    first: runs.Predictions,
    second: runs.Predictions,
    *,
    keys: tuple[Sequence[str], Sequence[str]] | None = None,
    groups: Sequence[object] | None = None,
) -> Pairs:
    """Match two runs' images by path, or by `keys` (one per image of each), and by label.

    groups: of the first run's images.

    Raises:
        MetricsError: no image was judged by both.
    """
    mine, theirs = keys or (first.paths, second.paths)
    place = {(key, second.classes[t]): i for i, (key, t) in enumerate(zip(theirs, second.true, strict=True))}
    both = [
        (i, place[key, first.classes[t]])
        for i, (key, t) in enumerate(zip(mine, first.true, strict=True))
        if (key, first.classes[t]) in place
    ]
    if not both:
        raise MetricsError(
            f"The runs judged no {first.subset} image in common; compare runs of the same split, or of "
            "splits of the same dataset that share some images."
        )
    classes = sorted({*first.classes, *second.classes})
    a, b = np.array(both).T
    codes = None if groups is None else intervals.group_codes([groups[i] for i in a])
    return Pairs(
        classes=classes,
        paths=[first.paths[i] for i in a],
        true=_renamed(first.classes, classes)[first.true[a]],
        first=_renamed(first.classes, classes)[first.logits[a].argmax(axis=1)],
        second=_renamed(second.classes, classes)[second.logits[b].argmax(axis=1)],
        groups=codes,
    )


def _renamed(own: list[str], classes: list[str]) -> Ints:
    place = {label: k for k, label in enumerate(classes)}
    return np.array([place[label] for label in own], dtype=np.int64)


def p_value(pairs: Pairs) -> float:
    """The exact two-sided p-value that both runs are right equally often; 1 when they never part.

    McNemar's test (1947). Images of one group part together: each group's balance then has its sign flipped
    at random (Fisher's randomisation test), which is McNemar's where every image stands for itself.
    """
    gain = (pairs.second == pairs.true).astype(np.int64) - (pairs.first == pairs.true)
    balance = np.bincount(pairs.sample.units, gain).round().astype(np.int64)
    sizes, how_many = np.unique(np.abs(balance[balance != 0]), return_counts=True)
    chances = np.ones(1)  # of every sum of signed balances that can occur, from the lowest on
    for size, count in zip(sizes, how_many, strict=True):
        steps = np.zeros(2 * size * count + 1)
        steps[:: 2 * size] = stats.binom.pmf(np.arange(count + 1), count, 0.5)
        chances = signal.convolve(chances, steps)
    sums = np.arange(len(chances)) - len(chances) // 2
    return float(min(1.0, chances[np.abs(sums) >= abs(balance.sum())].sum()))


def difference(
    pairs: Pairs, metric: str = "accuracy", *, draws: int | None = None, seed: int = 0
) -> tuple[float, intervals.Interval | None]:
    """Second minus first by a score of the confusion matrix, with the paired bootstrap's 95 % interval.

    Each draw weighs the images (or groups) once for both runs: see `resampling.draw_pair`. The difference is
    NaN where a run's score is undefined; the interval is None there, and below 50 images (or groups).

    Raises:
        MetricsError: the metric does not follow from the confusion matrix.
    """
    first, second = _values(pairs, metric)
    gain = round(second - first, 12)  # what is left of adding up in another order is no difference
    if pairs.sample.n_units < intervals.MIN_TOTAL or np.isnan(gain):
        return gain, None
    score = scores.OF_TALLY[metric]
    before, after = resampling.draw_pair(pairs.sample, pairs.second, draws=draws, seed=seed)
    low, high = intervals.bounds(score(after) - score(before))
    return gain, intervals.trusted(gain, (float(low), float(high)))


def _values(pairs: Pairs, metric: str) -> tuple[float, float]:
    """The score of either run on the images in common; NaN where it is undefined."""
    if metric not in scores.OF_TALLY:
        raise MetricsError(
            f"Runs cannot be compared by {metric!r}; choose one of {', '.join(scores.OF_TALLY)}."
        )
    n_classes = len(pairs.classes)
    first, second = (
        scores.OF_TALLY[metric](
            scores.tally(scores.confusion_counts(pairs.true, answers, n_classes=n_classes))
        )
        for answers in (pairs.first, pairs.second)
    )
    return float(first), float(second)


def flipped(pairs: Pairs) -> list[dict[str, str]]:
    """The images on which the answers differ, those that became wrong first.

    Entries: path, true, first, second (labels), became ("wrong", "right", or "still wrong").
    """
    moved = np.flatnonzero(pairs.first != pairs.second)
    true, first, second = (which[moved] for which in (pairs.true, pairs.first, pairs.second))
    kinds = np.where(second == true, 1, np.where(first == true, 0, 2))
    entries = []
    for i, kind in zip(moved, kinds, strict=True):
        labels = (pairs.classes[k] for k in (pairs.true[i], pairs.first[i], pairs.second[i]))
        entry = dict(zip(("path", "true", "first", "second"), (pairs.paths[i], *labels), strict=True))
        entries.append(entry | {"became": BECAME[kind]})
    return sorted(entries, key=lambda entry: (BECAME.index(entry["became"]), entry["path"]))


BECAME = ("wrong", "right", "still wrong")
"""What a change of answer can come to, in the order in which they are listed."""


def compare(
    first: runs.Run, second: runs.Run, *, subset: str = "validation", metric: str = "accuracy"
) -> dict[str, Any]:
    """Compare two runs: what `compare RUN RUN --json` prints; the difference is second - first.

    A value or difference that is undefined is None; so is an interval of too few images in common.

    Raises:
        MetricsError: nothing was judged by both, or the metric is not one of the confusion matrix.
        TrainingError: a run has no predictions for the subset.
    """
    a, b = first.predictions(subset), second.predictions(subset)
    keys = None
    if first.config().get("dataset") != second.config().get("dataset"):
        keys = _hashes(first, a.paths), _hashes(second, b.paths)
    pairs = pair(a, b, keys=keys, groups=store.groups_of(first, a.paths))
    gain, between = difference(pairs, metric)
    found = {
        "runs": [first.id, second.id],
        "subset": subset,
        "metric": metric,
        "values": _values(pairs, metric),
        "difference": gain,
        "interval": between,
        "p_value": p_value(pairs),
        "n_common": len(pairs.paths),
        "n_groups": None if pairs.groups is None else pairs.sample.n_units,
        "n_only": [len(a.paths) - len(pairs.paths), len(b.paths) - len(pairs.paths)],
    }
    changes = configuration_changes(first.config(), second.config())
    return plain(found) | {"flipped": flipped(pairs), "configuration": changes}


def _hashes(run: runs.Run, paths: list[str]) -> list[str]:
    """The sha256 of each image, so that images are known again under another dataset's paths."""
    table = run.manifest().set_index("path")["sha256"]
    return table.reindex(paths).fillna("").tolist()


def configuration_changes(first: dict[str, Any], second: dict[str, Any]) -> dict[str, list[Any]]:
    """Setting -> [first, second], for the settings that differ; names and times aside."""
    aside = {"created", "name", "classes", "ticket", "asked", "chosen", "note", "tags"}
    names = [name for name in {**first, **second} if name not in aside]
    return {
        name: [first.get(name), second.get(name)] for name in names if first.get(name) != second.get(name)
    }
