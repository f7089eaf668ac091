"""Which unlabelled images teach the model most when a person labels them: the unsure ones, no two alike.

BADGE (Ash et al., "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds", ICLR 2020):
each image stands for the gradient that its likeliest label would send through the last layer,
(p - onehot) outer h. It is long where the model is unsure, and points elsewhere for images that look
different. Images far apart among these gradients are picked greedily (k-centre, Sener and Savarese 2018,
where Ash et al. draw at random), with the zero gradient as the first centre: an image that the model is
certain of comes last, however odd it looks.
"""

import numpy as np
from numpy.typing import NDArray

MOST_COMPARED = 400
"""Only so many of the least certain images are compared with each other."""

Floats = NDArray[np.float64]


def least_sure(probabilities: NDArray[np.floating], most: int = MOST_COMPARED) -> NDArray[np.int64]:
    """The rows of (n_images, n_classes) with the smallest margin between first and second class, in order.

    Rows with NaN (images without an answer) are left out.
    """
    shares = np.asarray(probabilities, np.float64)
    known = np.flatnonzero(~np.isnan(shares).any(axis=1))
    order = np.argsort(margins(shares[known]), kind="stable")[:most]
    return known[order].astype(np.int64)


def margins(probabilities: NDArray[np.floating]) -> Floats:
    """How far the likeliest class is ahead of the second, (n_images,) in [0, 1]; 1 with a single class."""
    shares = np.asarray(probabilities, np.float64)
    if shares.shape[1] < 2:
        return np.ones(len(shares))
    ranked = np.sort(shares, axis=1)
    return ranked[:, -1] - ranked[:, -2]


def rank(probabilities: NDArray[np.floating], features: NDArray[np.floating]) -> NDArray[np.int64]:
    """The order in which to label images: (n_images, n_classes) and (n_images, n_features) -> (n_images,).

    Features are taken by direction only. Costs n_images squared in memory: see `least_sure`.
    """
    shares = np.asarray(probabilities, np.float64)
    values = np.asarray(features, np.float64)
    unit = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
    errors = shares - np.eye(shares.shape[1])[shares.argmax(axis=1)]  # (n, C): what the last layer would feel
    inner = (errors @ errors.T) * (unit @ unit.T)  # inner products of the outer products
    lengths = np.diag(inner)
    away = lengths[:, None] + lengths[None, :] - 2 * inner  # squared distances (n, n)
    return _farthest_first(away, lengths.copy())


def _farthest_first(away: Floats, nearest: Floats) -> NDArray[np.int64]:
    """Greedy k-centre: always the one farthest from all chosen; `nearest` (n,) is to the first centre."""
    order = np.empty(len(nearest), np.int64)
    for place in range(len(order)):
        chosen = int(np.argmax(nearest))
        order[place] = chosen
        nearest = np.minimum(nearest, away[chosen])
        nearest[order[: place + 1]] = -np.inf
    return order
