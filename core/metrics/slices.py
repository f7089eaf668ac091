"""Where the model is weaker: accuracy by image size, brightness, folder and every other column.

Two questions are kept apart. How accurate is the model on a slice (Wilson's interval)? And does it differ
from the other images beyond what the classes in the slice explain? The second is asked with the
Cochran-Mantel-Haenszel test, stratified by class, and corrected for looking at many slices (Holm 1979).
"""

import itertools
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from core import runs
from core.metrics import intervals
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
    predictions: runs.Predictions, properties: dict[str, pd.Series], *, answers: Ints | None = None
) -> pd.DataFrame:
    """Every slice of the judged images, those that really differ first, then the weakest.

    properties: name -> words, indexed by path; images that are missing there are in no slice of it.
    Columns: by, slice, images, accuracy, low, high (Wilson), expected (what its classes score on the other
    images), p_value, p_adjusted (Holm over all slices), differs (bool). Slices of fewer than 10
    images, or of all, are left out.
    """
    given = predictions.logits.argmax(axis=1) if answers is None else answers
    right = given == predictions.true
    rows = []
    for name, words in properties.items():
        mine = words.reindex(predictions.paths).to_numpy(dtype=object)
        for value in sorted({str(one) for one in mine if not _missing(one)}):
            inside = np.array([not _missing(one) and str(one) == value for one in mine])
            if intervals.MIN_IMAGES <= inside.sum() < len(inside):
                rows.append({"by": name, "slice": value} | _figures(predictions.true, right, inside))
    frame = pd.DataFrame(rows, columns=[*COLUMNS[:-2]])
    frame["p_adjusted"] = holm(frame["p_value"].to_numpy(np.float64))
    frame["differs"] = frame["p_adjusted"] < SURE
    return frame.sort_values(["differs", "accuracy"], ascending=[False, True], ignore_index=True)


COLUMNS = ["by", "slice", "images", "accuracy", "low", "high", "expected", "p_value", "p_adjusted", "differs"]


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _figures(true: np.ndarray, right: np.ndarray, inside: np.ndarray) -> dict[str, Any]:
    low, high = intervals.wilson(right[inside].sum(), inside.sum())
    elsewhere = [right[~inside & (true == k)] for k in true[inside]]
    usual = [one.mean() for one in elsewhere if len(one)]
    return {
        "images": int(inside.sum()),
        "accuracy": float(right[inside].mean()),
        "low": float(low),
        "high": float(high),
        "expected": float(np.mean(usual)) if usual else None,
        "p_value": mantel_haenszel(true, right, inside),
    }


def mantel_haenszel(true: np.ndarray, right: np.ndarray, inside: np.ndarray) -> float:
    """Two-sided p-value that being in the slice says nothing of being right, given the class.

    All boolean or class indices, (n_images,). With continuity correction; 1 where no class can tell.
    """
    gap, variance = 0.0, 0.0
    for k in np.unique(true):
        of_class = true == k
        n, hits, here = of_class.sum(), right[of_class].sum(), inside[of_class].sum()
        if n < 2:
            continue
        gap += (right & inside & of_class).sum() - hits * here / n
        variance += hits * (n - hits) * here * (n - here) / (n**2 * (n - 1))
    if variance == 0:
        return 1.0
    return float(stats.chi2.sf(max(0.0, abs(gap) - 0.5) ** 2 / variance, 1))


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
