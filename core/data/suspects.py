"""Labels that the pictures themselves speak against: confident learning.

Every image is judged by a model that never saw it or a near-duplicate of it (out-of-fold probabilities of a
logistic regression on the features of a frozen backbone). A class's threshold is the mean probability that
its own images get for it; an image is suspect when another class clears its threshold for it, and is the most
probable (Northcutt, Jiang, Chuang 2021, "Confident Learning", the off-diagonal of the confident joint).

The arithmetic is a dozen lines; `cleanlab` would bring a dependency for it and no better answer here.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import workspace
from core.errors import DatasetError, NotFoundError

FILE = "suspects.json"
FOLDS = 5
SPREAD = 12.8
"""Prior variance of the logits: C times the number of features (C = 0.01 for MobileNetV2). With 60 planted
errors on caltech10 recall is 0.78 at precision 1.00, with 30 on birdcatdog 0.73 at 0.96; ten times more or
less changes recall by 0.1."""


def find(table: pd.DataFrame, features: np.ndarray) -> list[dict[str, Any]]:
    """Suspected label errors of a dataset's table, most suspicious first.

    `features` is (n_images, n_features), in the order of the table. Each suspect has path, label, suggested
    and score: the probability of the suggested label less that of its own, above 0 and at most 1.

    Images of a class that has no two that differ cannot be judged, and are not listed.

    Raises:
        DatasetError: fewer than two classes can be judged.
    """
    probabilities, classes = out_of_fold(table, features)
    return ranked(table, probabilities, classes)


def keep(folder: Path, listed: list[dict[str, Any]], basis: str) -> None:
    """Keep what was found in the dataset's folder; `basis` says with which network it was looked."""
    workspace.write_json(folder / FILE, {"suspects": listed, "basis": basis})


def kept(folder: Path) -> tuple[list[dict[str, Any]], str] | None:
    """The suspects found last, and with which network; None where nobody has looked yet.

    Images that were relabelled or left out since are still listed.
    """
    try:
        known = workspace.read_json(folder / FILE)
    except NotFoundError:
        return None
    return known["suspects"], known["basis"]


def out_of_fold(table: pd.DataFrame, features: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Each image's probabilities by a model that saw neither it nor its near-duplicates.

    Returns (n_images, n_classes) and the classes, sorted. An image whose class that model never saw has NaN.

    Raises:
        DatasetError: as `find`.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classes, codes = np.unique(table["label"].to_numpy(dtype=str), return_inverse=True)
    clusters = table["cluster"].to_numpy()
    different = np.array([len(np.unique(clusters[codes == code])) for code in range(len(classes))])
    if (different >= 2).sum() < 2:
        raise DatasetError(
            "Label errors can be looked for when at least 2 classes have 2 images each that are no copies of "
            f"one another; that is so for {(different >= 2).sum()} of {len(classes)}."
        )
    able = np.flatnonzero(different[codes] >= 2)  # the others' classes have nothing to be judged by
    n_folds = min(FOLDS, int(different[different >= 2].min()))
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=0)
    probabilities = np.full((len(codes), len(classes)), np.nan)
    for train, test in folds.split(able, codes[able], clusters[able]):
        train, test = able[train], able[test]
        if len(np.unique(codes[train])) < 2:
            continue
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=SPREAD / features.shape[1], max_iter=200)
        )
        model.fit(features[train], codes[train])
        test = test[np.isin(codes[test], model[-1].classes_)]
        if len(test):
            probabilities[test] = 0.0
            probabilities[np.ix_(test, model[-1].classes_)] = model.predict_proba(features[test])
    return probabilities, [str(label) for label in classes]


def ranked(table: pd.DataFrame, probabilities: np.ndarray, classes: list[str]) -> list[dict[str, Any]]:
    """Suspects from probabilities (n_images, n_classes) in the order of the table, most suspicious first.

    Rows of NaN are images that were not judged.
    """
    index = {label: number for number, label in enumerate(classes)}
    given = np.array([index[label] for label in table["label"]])
    rows = np.arange(len(given))
    own = probabilities[rows, given]
    judged = ~np.isnan(own)
    of_class = [own[judged & (given == number)] for number in range(len(classes))]
    thresholds = np.array([one.mean() if len(one) else np.inf for one in of_class])
    clears = probabilities >= thresholds
    best = np.where(clears, probabilities, -1.0).argmax(axis=1)
    margin = probabilities[rows, best] - own
    suspect = clears.any(axis=1) & (best != given) & (margin > 0)
    order = np.flatnonzero(suspect)[np.argsort(-margin[suspect], kind="stable")]
    return [
        {
            "path": table["path"].iloc[row],
            "label": classes[given[row]],
            "suggested": classes[best[row]],
            "score": round(float(margin[row]), 4),
        }
        for row in order
    ]
