"""Where the model is weaker: accuracy by image size, brightness, folder and every other column.

Two questions are kept apart. How accurate is the model on a slice (Wilson's interval)? And does it differ
from the other images beyond what the classes in the slice explain? The second is asked with the
Cochran-Mantel-Haenszel test, stratified by class, and corrected for looking at many slices (Holm 1979).
"""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse, stats

from core import runs
from core.metrics import intervals, scores
from core.metrics.scores import Floats, Ints

BINS = 4
MOST_VALUES = 20
"""Distinct values up to which a column of words is taken as slices."""
SURE = 0.05
NUMBERS = {
    "short side (pixels)": lambda t: t[["width", "height"]].min(axis=1),
    "aspect ratio": lambda t: t["width"] / t["height"],
    "file size (kB)": lambda t: t["bytes"] / 1000,
    "brightness": lambda t: t["brightness"],
    "contrast": lambda t: t["contrast"],
    "sharpness": lambda t: t["sharpness"],
    "colourfulness": lambda t: t["colourfulness"],
}
"""What is cut into quarters: a name and how it follows from a dataset's table."""
KNOWN = frozenset({"path", "label", "width", "height", "bytes", "sha256"})
"""Columns of a source that say again what is measured here."""


def features(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Each property of the images as words, one per row of a dataset's `table`.

    Numbers become quarters ("up to 200", "200 to 300", …); words stay as they are. What never varies, or has
    more than 20 values, is left out.
    """
    found: dict[str, pd.Series] = {}
    for name, measure in NUMBERS.items():
        if name in table.columns or " " in name:  # the spaced ones follow from columns that are always there
            found[name] = quarters(measure(table))
    found["format"] = table["format"].astype(str)
    found["folder"] = table["path"].str.rpartition("/")[0]
    for column in table.columns[table.columns.str.startswith("column:")]:
        if column.removeprefix("column:") not in KNOWN:
            found[column.removeprefix("column:")] = _words(table[column])
    if "group" in table:
        found["group"] = table["group"].astype(object)
    return {name: values for name, values in found.items() if _tells(values, table["label"])}


def _tells(values: pd.Series, labels: pd.Series) -> bool:
    """Whether a property varies, in few enough values, and is more than the class by another name."""
    return 2 <= values.nunique() <= MOST_VALUES and bool((labels.groupby(values).nunique() > 1).any())


def _words(values: pd.Series) -> pd.Series:
    """A column of numbers in quarters, of words as it is."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().all() and numbers.nunique() > MOST_VALUES:
        return quarters(numbers)
    return values.astype(object)


def quarters(values: pd.Series) -> pd.Series:
    """Cut at the quartiles, named by their ends; equal values stay together, so that there may be fewer."""
    if values.nunique() <= BINS:
        return values.map(lambda value: f"{value:.3g}")
    edges = np.unique(np.nanquantile(values.astype(float), np.linspace(0, 1, BINS + 1)))
    place = np.clip(np.searchsorted(edges, values, side="left"), 1, max(1, len(edges) - 1))
    ends = [f"{edge:.3g}" if edge < 1000 else f"{edge:.0f}" for edge in edges]
    names = [f"up to {ends[min(1, len(ends) - 1)]}"]
    names += [f"{low} to {high}" for low, high in itertools.pairwise(ends[1:])]
    return pd.Series([names[k - 1] for k in place], index=values.index)


def table(
    predictions: runs.Predictions,
    properties: dict[str, pd.Series],
    *,
    groups: Sequence[object] | None = None,
    answers: Ints | None = None,
) -> pd.DataFrame:
    """Every slice of the judged images, those that really differ first, then the weakest.

    properties: name -> words, indexed by path; images that are missing there are in no slice of it.
    groups: (n_images,) names; images that share one go right or wrong together.
    Columns: by, slice, images, accuracy, low, high (Wilson), expected (what its classes score on the other
    images), p_value, p_adjusted (Holm over all slices), differs (bool). Slices of fewer than 10
    images, or of all, are left out.
    """
    given = predictions.logits.argmax(axis=1) if answers is None else answers
    right = given == predictions.true
    codes = intervals.group_codes(groups)
    rows: list[dict[str, Any]] = []
    for name, words in properties.items():
        mine = words.reindex(predictions.paths)
        place, names = pd.factorize(mine.astype(str).where(mine.notna()), sort=True)
        rows += [{"by": name} | row for row in _figures(predictions.true, right, place, list(names), codes)]
    frame = pd.DataFrame(rows, columns=[*COLUMNS[:-2]])
    frame["p_adjusted"] = holm(frame["p_value"].to_numpy(np.float64))
    frame["differs"] = frame["p_adjusted"] < SURE
    return frame.sort_values(["differs", "accuracy"], ascending=[False, True], ignore_index=True)


COLUMNS = ["by", "slice", "images", "accuracy", "low", "high", "expected", "p_value", "p_adjusted", "differs"]


def _figures(
    true: Ints, right: np.ndarray, place: Ints, names: list[str], groups: Ints | None
) -> list[dict[str, Any]]:
    """A row for each slice that is large enough; place: (n_images,) the slice of each image, -1 for none."""
    images, hits = (_by_class(true, place, len(names), each) for each in (np.ones(len(true)), right))
    of_class = np.bincount(true)[:, None]
    usual = scores.divide(np.bincount(true, right)[:, None] - hits, of_class - images)  # on the other images
    known = images * ~np.isnan(usual)
    expected = scores.divide((known * np.nan_to_num(usual)).sum(axis=0), known.sum(axis=0))
    p_values = tested(true, right, place, len(names), groups)
    rows = []
    for k in np.flatnonzero((images.sum(axis=0) >= intervals.MIN_IMAGES) & (images.sum(axis=0) < len(true))):
        inside = place == k
        worth = intervals.design_effect(right[inside], None if groups is None else groups[inside])
        low, high = intervals.wilson(right[inside].sum() / worth, inside.sum() / worth)
        values: dict[str, Any] = {"images": int(inside.sum()), "accuracy": float(right[inside].mean())}
        values |= {"low": float(low), "high": float(high), "p_value": float(p_values[k])}
        sure = None if np.isnan(expected[k]) else float(expected[k])
        rows.append(values | {"slice": names[k], "expected": sure})
    return rows


def _by_class(true: Ints, place: Ints, n_slices: int, weights: np.ndarray) -> Floats:
    """Sum of `weights` (n_images,) over the images of each class in each slice, (n_classes, n_slices)."""
    n_classes, inside = int(true.max()) + 1, place >= 0
    cells = true[inside] * n_slices + place[inside]
    sums = np.bincount(cells, weights[inside], n_classes * n_slices).astype(np.float64)
    return sums.reshape(n_classes, n_slices)


def tested(true: Ints, right: np.ndarray, place: Ints, n_slices: int, groups: Ints | None = None) -> Floats:
    """For each slice the two-sided p-value that being in it says nothing of being right, given the class.

    true, place, groups: (n_images,) integers, place -1 for no slice; right: (n_images,) boolean. The
    Cochran-Mantel-Haenszel test with continuity correction; 1 where no class can tell. With groups the same
    gap is also measured by how it varies between groups (a score test, robust to clusters, against Student's
    t), and the less sure answer counts: a slice in one group only can tell nothing.
    """
    images, hits = (_by_class(true, place, n_slices, each) for each in (np.ones(len(true)), right))
    n, found = np.bincount(true)[:, None], np.bincount(true, right)[:, None]
    told = n[:, 0] > 1
    images, hits, n, found = images[told], hits[told], n[told].astype(np.float64), found[told]
    gap = np.maximum(0.0, np.abs((hits - found * images / n).sum(axis=0)) - 0.5)
    variance = (found * (n - found) * images * (n - images) / (n**2 * (n - 1))).sum(axis=0)
    p_values = stats.chi2.sf(np.divide(gap**2, variance, out=np.zeros(n_slices), where=variance > 0), 1)
    return p_values if groups is None else np.maximum(p_values, _by_group(true, right, place, gap, groups))


def _by_group(true: Ints, right: np.ndarray, place: Ints, gap: Floats, groups: Ints) -> Floats:
    """The p-value of each slice's `gap` (n_slices,) from what each group contributes to it."""
    sizes, n_slices = np.maximum(1, np.bincount(true)), len(gap)
    surprise = right - (np.bincount(true, right) / sizes)[true]
    inside = place >= 0
    shape, taken = (int(groups.max()) + 1, n_slices), (groups[inside], place[inside])
    here = sparse.csr_array((surprise[inside], taken), shape=shape).toarray()
    by_class = sparse.csr_array((surprise, (groups, true)), shape=(shape[0], len(sizes)))
    usual = _by_class(true, place, n_slices, np.ones(len(true))) / sizes[:, None]
    parts = here - by_class @ usual  # (n_groups, n_slices)
    touched = sparse.csr_array((np.ones(inside.sum()), taken), shape=shape).toarray()
    whole = np.bincount(groups)[:, None]
    freedom = np.minimum((touched > 0).sum(axis=0), (touched < whole).sum(axis=0)) - 1
    deviation = np.sqrt((parts**2).sum(axis=0) * shape[0] / max(1, shape[0] - 1))
    t = np.divide(gap, deviation, out=np.zeros(n_slices), where=deviation > 0)
    return np.where(freedom > 0, 2 * stats.t.sf(t, np.maximum(1, freedom)), 1.0)


def holm(p_values: Floats) -> Floats:
    """Holm's (1979) adjusted p-values: below 0.05 they hold for all slices together, 95 times in 100."""
    order = np.argsort(p_values, kind="stable")
    factors = len(p_values) - np.arange(len(p_values))
    adjusted = (
        np.minimum(1.0, np.maximum.accumulate(p_values[order] * factors)) if len(p_values) else p_values
    )
    result = np.empty(len(p_values))
    result[order] = adjusted
    return result
