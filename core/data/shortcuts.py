"""Can a class be told from the others without looking at what is in the picture?

For every class against the rest, a shallow decision tree is cross-validated on one plain number at a time:
file size, image size, brightness, and so on. Where its balanced accuracy is far above chance (0.5), a model
may learn that number instead of the subject, and will fail where the number no longer goes with the class.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from core import words

REPORT_FROM = 0.75  # balanced accuracy
MIN_IMAGES = 10  # of a class and of the rest, below which nothing can be said
MAX_IMAGES = 4000  # a sample of this size is enough to see an effect of this strength
FOLDS = 5
_PER_CLASS = 4  # numbers worth a closer look
_BINS = 16
CHANCE = 0.5


def numbers(table: pd.DataFrame) -> pd.DataFrame:
    """The plain numbers on each image, one column a feature; yes and no are 1 and 0."""
    width, height = table["width"].astype(float), table["height"].astype(float)
    plain = {
        "greyscale": (table["colourfulness"] < 0.5).astype(float),
        "EXIF data": table["exif"].astype(float),
        "file size": table["bytes"].astype(float),
        "width": width,
        "height": height,
        "aspect ratio": width / height,
        "bytes per pixel": table["bytes"] / (width * height),
        "brightness": table["brightness"],
        "contrast": table["contrast"],
        "sharpness": table["sharpness"],
        "colourfulness": table["colourfulness"],
        "border brightness": table["border_brightness"],
        "border contrast": table["border_contrast"],
    }
    for column, named in (("format", "stored as {}"), ("mode", "colour mode {}")):
        for value in sorted(table[column].unique())[:8]:
            plain[named.format(value)] = (table[column] == value).astype(float)
    return pd.DataFrame(plain)


def find(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Shortcuts of a dataset's table, strongest first.

    Each has class, feature, balanced_accuracy (mean over 5 folds of the same class against the rest),
    chance (0.5) and values: the feature's median, or the share of images where it holds ("kind"), in the
    class and in the rest.
    """
    sample = table.sample(MAX_IMAGES, random_state=0) if len(table) > MAX_IMAGES else table
    features = numbers(sample)
    features = features.loc[:, features.nunique() > 1]
    labels = sample["label"].to_numpy()
    found = []
    for label, inside in _classes(labels):
        for name in _promising(features, inside):
            score = _cross_validated(features[[name]].to_numpy(), inside)
            if score >= REPORT_FROM:
                found.append(_shortcut(label, name, score, features[name], inside))
    return sorted(found, key=lambda one: (-one["balanced_accuracy"], one["class"], one["feature"]))


def in_words(shortcut: dict[str, Any]) -> str:
    """What a shortcut means for the person."""
    inside, outside = shortcut["values"]["class"], shortcut["values"]["rest"]
    told = (
        f"{shortcut['feature']} alone tells {shortcut['class']!r} from the rest with "
        f"{words.percent(shortcut['balanced_accuracy'])} balanced accuracy (chance "
        f"{words.percent(shortcut['chance'])}): "
    )
    if shortcut["kind"] == "share":
        return (
            f"{told}it holds for {words.percent(inside)} of the images there and {words.percent(outside)} "
            "elsewhere."
        )
    return f"{told}its median is {words.sensible(inside)} there and {words.sensible(outside)} elsewhere."


def _classes(labels: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    for label in np.unique(labels):
        inside = labels == label
        if min(inside.sum(), (~inside).sum()) >= MIN_IMAGES:
            yield str(label), inside


def _promising(features: pd.DataFrame, inside: np.ndarray) -> list[str]:
    """The features whose histograms differ most between class and rest; the others need no model."""
    apart = {}
    for name in features:
        codes = _binned(features[name].to_numpy())
        of_class = np.bincount(codes[inside], minlength=_BINS) / inside.sum()
        of_rest = np.bincount(codes[~inside], minlength=_BINS) / (~inside).sum()
        apart[str(name)] = float(
            np.maximum(of_class, of_rest).sum() / 2
        )  # best balanced accuracy on these bins
    hopeful = [name for name in apart if apart[name] >= REPORT_FROM - 0.05]
    hopeful.sort(key=lambda name: -apart[name])
    plain = [name for name in hopeful if features[name].isin((0.0, 1.0)).all()]  # yes or no says most
    return plain + [name for name in hopeful if name not in plain][:_PER_CLASS]


def _binned(values: np.ndarray) -> np.ndarray:
    kinds, codes = np.unique(values, return_inverse=True)
    if len(kinds) <= _BINS:
        return codes
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return np.searchsorted(edges, values, side="right")


def _cross_validated(values: np.ndarray, inside: np.ndarray) -> float:
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import StratifiedKFold
    from sklearn.tree import DecisionTreeClassifier

    scores = []
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(values, inside):
        tree = DecisionTreeClassifier(
            max_depth=2, min_samples_leaf=3, class_weight="balanced", random_state=0
        )
        tree.fit(values[train], inside[train])
        scores.append(balanced_accuracy_score(inside[test], tree.predict(values[test])))
    return float(np.mean(scores))


def _shortcut(label: str, name: str, score: float, values: pd.Series, inside: np.ndarray) -> dict[str, Any]:
    yes_or_no = bool(values.isin((0.0, 1.0)).all())
    of = pd.Series.mean if yes_or_no else pd.Series.median
    return {
        "class": label,
        "feature": name,
        "balanced_accuracy": round(score, 4),
        "chance": CHANCE,
        "kind": "share" if yes_or_no else "median",
        "values": {
            "class": round(float(of(values[inside])), 3),
            "rest": round(float(of(values[~inside])), 3),
        },
    }
