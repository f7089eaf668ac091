"""Two runs on the images that both judged: is one really better, and on which images do they part?"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse, stats

from core import runs
from core.errors import MetricsError
from core.metrics import intervals, scores, store
from core.metrics.scores import Floats, Ints


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


def mcnemar(pairs: Pairs) -> float:
    """The exact two-sided p-value that both runs are right equally often; 1 when they never part."""
    fixed = int(((pairs.first != pairs.true) & (pairs.second == pairs.true)).sum())
    broken = int(((pairs.first == pairs.true) & (pairs.second != pairs.true)).sum())
    return 1.0 if fixed + broken == 0 else float(stats.binomtest(fixed, fixed + broken, 0.5).pvalue)


def difference(
    pairs: Pairs, metric: str = "accuracy", *, draws: int = intervals.DRAWS, seed: int = 0
) -> tuple[float, intervals.Interval]:
    """Second minus first by a score of the confusion matrix, with the paired bootstrap's 95 % interval.

    Each draw weighs the images (or groups) once for both runs. Half a pseudo-image is added to each way of
    parting, so that two runs that agree on every image seen are not called equal for certain.

    Raises:
        MetricsError: the metric does not follow from the confusion matrix.
    """
    if metric not in scores.OF_TALLY:
        raise MetricsError(
            f"Runs cannot be compared by {metric!r}; choose one of {', '.join(scores.OF_TALLY)}."
        )
    score = scores.OF_TALLY[metric]
    observed = [float(score(_tally(pairs, answers, None))) for answers in (pairs.first, pairs.second)]
    random = np.random.default_rng(seed)
    cells, member = _cells(pairs)
    found = []
    step = max(1, 4_000_000 // max(len(cells.true), pairs.sample.n_units if pairs.groups is not None else 1))
    for start in range(0, draws, step):
        weights = _weights(pairs, member, min(step, draws - start), random)
        if metric == "accuracy":
            found.append(_accuracy_gain(cells, weights, len(pairs.true) / pairs.sample.n_units, random))
        else:
            gains = score(_tally(cells, cells.second, weights)) - score(_tally(cells, cells.first, weights))
            found.append(gains)
    low, high = intervals.bounds(np.concatenate(found))
    return observed[1] - observed[0], (float(low), float(high))


def _cells(pairs: Pairs) -> tuple[Pairs, Ints]:
    """The kinds of image there are by truth and both answers, and the kind of each image, (n_common,)."""
    n = len(pairs.classes)
    code = (pairs.true * n + pairs.first) * n + pairs.second
    kinds, member = np.unique(code, return_inverse=True)
    true, answers = np.divmod(kinds, n * n)
    first, second = np.divmod(answers, n)
    return Pairs(classes=pairs.classes, paths=[], true=true, first=first, second=second), member


def _weights(pairs: Pairs, member: Ints, draws: int, random: np.random.Generator) -> Floats:
    """The weight of each kind of image, (draws, n_kinds): exponential for each image or group, added up."""
    if pairs.groups is None:
        counts = np.bincount(member)
        return random.standard_gamma(counts, (draws, len(counts)))
    content = sparse.csr_array((np.ones(len(member)), (pairs.groups, member)))
    return random.standard_exponential((draws, pairs.sample.n_units)) @ content


def _accuracy_gain(cells: Pairs, weights: Floats, scale: float, random: np.random.Generator) -> Floats:
    """Weighted share fixed less share broken, (draws,); `scale` is images per independent observation."""
    gain = (cells.second == cells.true).astype(np.float64) - (cells.first == cells.true)
    fixed, broken = random.standard_gamma(0.5, (2, len(weights))) * scale
    return (weights @ gain + fixed - broken) / (weights.sum(axis=1) + fixed + broken)


def _tally(pairs: Pairs, answers: Ints, weights: Floats | None) -> scores.Tally:
    """The tally of `answers`, with each image weighted; fields (draws, n_classes), or (n_classes,)."""
    used = np.ones((1, len(answers))) if weights is None else weights
    right = answers == pairs.true
    n = len(pairs.classes)
    found = scores.Tally(
        support=intervals.sum_by(used, pairs.true, n),
        answered=intervals.sum_by(used, answers, n),
        right=intervals.sum_by(used[:, right], answers[right], n),
    )
    if weights is not None:
        return found
    return scores.Tally(support=found.support[0], answered=found.answered[0], right=found.right[0])


def flipped(pairs: Pairs) -> list[dict[str, str]]:
    """The images on which the answers differ, those that became wrong first.

    Entries: path, true, first, second (labels), became ("wrong", "right", or "still wrong").
    """
    entries = []
    for i in np.flatnonzero(pairs.first != pairs.second):
        labels = [pairs.classes[k] for k in (pairs.true[i], pairs.first[i], pairs.second[i])]
        became = "right" if labels[2] == labels[0] else "wrong" if labels[1] == labels[0] else "still wrong"
        entry = dict(zip(("true", "first", "second"), labels, strict=True))
        entries.append({"path": pairs.paths[i]} | entry | {"became": became})
    return sorted(
        entries, key=lambda entry: (["wrong", "right", "still wrong"].index(entry["became"]), entry["path"])
    )


def compare(
    first: runs.Run, second: runs.Run, *, subset: str = "validation", metric: str = "accuracy"
) -> dict[str, Any]:
    """Compare two runs: what `compare RUN RUN --json` prints; the difference is second - first.

    Raises:
        MetricsError: nothing was judged by both, or the metric is not one of the confusion matrix.
        TrainingError: a run has no predictions for the subset.
    """
    a, b = first.predictions(subset), second.predictions(subset)
    keys = None
    if _dataset(first) != _dataset(second):
        keys = _hashes(first, a.paths), _hashes(second, b.paths)
    pairs = pair(a, b, keys=keys, groups=store.groups_of(first, a.paths))
    gain, between = difference(pairs, metric)
    score = scores.OF_TALLY[metric]
    return {
        "runs": [first.id, second.id],
        "subset": subset,
        "metric": metric,
        "values": [float(score(_tally(pairs, answers, None))) for answers in (pairs.first, pairs.second)],
        "difference": gain,
        "interval": list(between),
        "p_value": mcnemar(pairs),
        "n_common": len(pairs.paths),
        "n_only": [len(a.paths) - len(pairs.paths), len(b.paths) - len(pairs.paths)],
        "flipped": flipped(pairs),
        "configuration": configuration_changes(first.config(), second.config()),
    }


def _dataset(run: runs.Run) -> str | None:
    """Which dataset it learned from, by what stays when that is renamed."""
    config = run.config()
    return config.get("dataset_id") or config.get("dataset")


def _hashes(run: runs.Run, paths: list[str]) -> list[str]:
    """The sha256 of each image, so that images are known again under another dataset's paths."""
    table = run.manifest().set_index("path")["sha256"]
    return table.reindex(paths).fillna("").tolist()


def configuration_changes(first: dict[str, Any], second: dict[str, Any]) -> dict[str, list[Any]]:
    """Setting -> [first, second], for the settings that differ; names and times aside."""
    aside = {"created", "name", "classes", "ticket", "asked", "chosen", "note", "tags"}
    aside |= {"dataset_id", "split_created"}  # told by their names
    names = [name for name in {**first, **second} if name not in aside]
    return {
        name: [first.get(name), second.get(name)] for name in names if first.get(name) != second.get(name)
    }
