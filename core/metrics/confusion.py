"""Reading a confusion matrix, with 3 classes or with 100: shares, worst pairs, an order that shows them."""

from typing import Any

import numpy as np
from scipy.cluster import hierarchy
from scipy.spatial import distance

from core.metrics import decisions, scores
from core.metrics.scores import Floats, Ints

_BEST_ORDER_UP_TO = 150  # classes; beyond that the best leaf order takes seconds


def row_shares(counts: Ints) -> Floats:
    """Of the images of each class (row), the share given each answer; a row without images is NaN."""
    return scores.divide(counts, counts.sum(axis=1, keepdims=True))


def column_shares(counts: Ints) -> Floats:
    """Of the answers of each class (column), the share that each class really is; NaN without answers."""
    return scores.divide(counts, counts.sum(axis=0, keepdims=True))


def most_confused(counts: Ints, classes: list[str], *, limit: int = 20) -> list[dict[str, Any]]:
    """The cells off the diagonal with the most images first: true, answer, count, share of the true class.

    `counts` may have a last column for "unknown".
    """
    wrong = counts * (1 - np.eye(*counts.shape, dtype=counts.dtype))
    order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
    shares = row_shares(counts)
    answers = [*classes, decisions.unknown_label(classes)]
    cells = [divmod(int(place), counts.shape[1]) for place in order]
    return [
        {"true": classes[t], "answer": answers[a], "count": int(wrong[t, a]), "share": float(shares[t, a])}
        for t, a in cells
        if wrong[t, a] > 0
    ]


def cluster_order(counts: Ints) -> list[int]:
    """An order of the classes in which those that are taken for each other stand together.

    Average linkage over 1 - the mean share of the confusions either way (Ward would need distances).
    """
    if len(counts) < 3:
        return list(range(len(counts)))
    shares = np.nan_to_num(row_shares(counts))
    together = (shares + shares.T) / 2
    apart = 1 - together
    np.fill_diagonal(apart, 0.0)
    condensed = distance.squareform(apart, checks=False)
    tree = hierarchy.linkage(condensed, "average", optimal_ordering=len(counts) <= _BEST_ORDER_UP_TO)
    return [int(place) for place in hierarchy.leaves_list(tree)]
