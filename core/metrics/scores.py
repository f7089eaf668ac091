"""Scores of one set of answers, from the confusion matrix or from the probabilities.

Confusion counts are (n_classes, n_classes), row = true, column = predicted. A `Tally` keeps what the scores
need of them; leading axes are carried along, so that a thousand resampled tallies are scored at once. A score
that is 0/0 is NaN here and `null` in JSON: a class without images has no recall, a class never answered has
no precision. The averages follow scikit-learn with `zero_division=0`: macro and weighted averages run over
the classes that occur in the truth or in the answers, and an undefined precision or recall counts as 0.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import MetricsError

TOP_K = 5
"""With more classes than this, it is also counted how often the truth is among so many most probable ones."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def probabilities(logits: Floats, temperature: float = 1.0) -> Floats:
    """Softmax of `logits / temperature`, shape (n_images, n_classes); each row sums to 1."""
    scaled: Floats = np.asarray(logits, dtype=np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=1, keepdims=True)
    return scaled


def losses(true: Ints, logits: Floats, temperature: float = 1.0) -> Floats:
    """The cross-entropy of each image in nats, shape (n_images,): -log of the true class's probability."""
    scaled: Floats = np.asarray(logits, dtype=np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    picked = scaled[np.arange(len(true)), true]
    return np.log(np.exp(scaled, out=scaled).sum(axis=1)) - picked


def confusion_counts(true: Ints, predicted: Ints, *, n_classes: int) -> Ints:
    """Count how often each class was taken for each other class.

    Both inputs have shape (n_images,), with class indices in [0, n_classes).
    Returns shape (n_classes, n_classes): row = true, column = predicted.
    A class without images keeps its zero row, so axes line up across runs.

    Raises:
        MetricsError: the lengths differ, there are no images, or an index is out of range.
    """
    check_answers(true, predicted, n_classes=n_classes)
    cells = np.asarray(true, dtype=np.int64) * n_classes + np.asarray(predicted, dtype=np.int64)
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def check_answers(true: Ints, predicted: Ints, *, n_classes: int) -> None:
    """Raise MetricsError unless both are class indices of the same, non-zero number of images."""
    if len(true) != len(predicted):
        raise MetricsError(
            f"There are {len(true)} labels and {len(predicted)} answers; every image needs one of each."
        )
    if len(true) == 0:
        raise MetricsError("There are no images to judge; choose a subset that holds at least one.")
    for what, values in (("label", np.asarray(true)), ("answer", np.asarray(predicted))):
        if values.min() < 0 or values.max() >= n_classes:
            raise MetricsError(
                f"A {what} has class index {values.min() if values.min() < 0 else values.max()}; "
                f"with {n_classes} classes the indices 0 to {n_classes - 1} are accepted."
            )


def check_logits(true: Ints, logits: Floats) -> None:
    """Raise MetricsError unless `logits` is a finite (n_images, n_classes) array for these labels."""
    if logits.ndim != 2 or len(logits) != len(true):
        raise MetricsError(
            f"Logits of shape {logits.shape} do not fit {len(true)} labels; "
            "(n_images, n_classes) is expected."
        )
    if not np.isfinite(logits).all():
        bad = int((~np.isfinite(logits)).any(axis=1).sum())
        raise MetricsError(
            f"{bad} of {len(true)} images have scores that are not finite numbers: the run diverged. "
            "Train it again with a lower learning rate."
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tally:
    """What a confusion matrix says about each class; every field is (..., n_classes) float64.

    support:  images of the class.
    answered: answers "this class".
    right:    answers "this class" that are right.
    """

    support: Floats
    answered: Floats
    right: Floats

    @property
    def total(self) -> Floats:
        """Images in all, (...)."""
        return self.support.sum(axis=-1)


def tally(counts: Ints) -> Tally:
    """The margins and diagonal of confusion counts (..., n_classes, n_classes), row = true."""
    counts = np.asarray(counts, dtype=np.float64)
    return Tally(
        support=counts.sum(axis=-1),
        answered=counts.sum(axis=-2),
        right=np.diagonal(counts, axis1=-2, axis2=-1),
    )


def divide(above: ArrayLike, below: ArrayLike) -> Floats:
    """`above / below`, NaN where `below` is 0."""
    top, bottom = np.broadcast_arrays(np.asarray(above, np.float64), np.asarray(below, np.float64))
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)


def precision(t: Tally) -> Floats:
    """Of the answers "class i", the share that is right; NaN for a class never answered."""
    return divide(t.right, t.answered)


def recall(t: Tally) -> Floats:
    """Of the images of class i, the share that was found; NaN for a class without images."""
    return divide(t.right, t.support)


def f1(t: Tally) -> Floats:
    """Harmonic mean of precision and recall, 2 right / (images + answers); NaN where both are 0."""
    return divide(2 * t.right, t.support + t.answered)


def accuracy(t: Tally) -> Floats:
    """Share of right answers."""
    return divide(t.right.sum(axis=-1), t.total)


def macro(values: Floats, t: Tally) -> Floats:
    """Plain mean over the classes that occur in truth or answers; an undefined value counts as 0."""
    occurs = t.support + t.answered > 0
    return divide(np.where(occurs, np.nan_to_num(values), 0.0).sum(axis=-1), occurs.sum(axis=-1))


def weighted(values: Floats, t: Tally) -> Floats:
    """Mean over classes, weighted by their images; an undefined value counts as 0."""
    return divide((np.nan_to_num(values) * t.support).sum(axis=-1), t.total)


def balanced_accuracy(t: Tally) -> Floats:
    """Mean recall over the classes that have images."""
    return divide(np.nan_to_num(recall(t)).sum(axis=-1), (t.support > 0).sum(axis=-1))


def cohen_kappa(t: Tally) -> Floats:
    """Agreement beyond chance (Cohen 1960): 1 perfect, 0 as by chance; NaN when only one class occurs."""
    expected = divide((t.support * t.answered).sum(axis=-1), t.total**2)
    return divide(accuracy(t) - expected, 1 - expected)


def matthews(t: Tally) -> Floats:
    """Matthews correlation for many classes (Gorodkin 2004), in [-1, 1].

    NaN when all images, or all answers, are of one class: the correlation with a constant is 0/0.
    """
    together = t.right.sum(axis=-1) * t.total - (t.support * t.answered).sum(axis=-1)
    spread_true = t.total**2 - (t.support**2).sum(axis=-1)
    spread_answers = t.total**2 - (t.answered**2).sum(axis=-1)
    return divide(together, np.sqrt(np.maximum(spread_true * spread_answers, 0.0)))


OF_TALLY: dict[str, Callable[[Tally], Floats]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": lambda t: macro(f1(t), t),
    "weighted_f1": lambda t: weighted(f1(t), t),
    "macro_precision": lambda t: macro(precision(t), t),
    "macro_recall": lambda t: macro(recall(t), t),
    "weighted_precision": lambda t: weighted(precision(t), t),
    "weighted_recall": lambda t: weighted(recall(t), t),
    "cohen_kappa": cohen_kappa,
    "matthews": matthews,
}
"""The scores of the whole that follow from the confusion matrix, by the name they have in JSON."""


def brier(true: Ints, shares: Floats) -> Floats:
    """Squared error of the probabilities of each image, shape (n_images,); 0 is perfect.

    Like scikit-learn's `brier_score_loss`: summed over the classes (0 to 2), halved for two classes (0 to 1).
    """
    picked = shares[np.arange(len(true)), true]
    total = (shares**2).sum(axis=1) - 2 * picked + 1
    return total / 2 if shares.shape[1] == 2 else total


def in_top(true: Ints, logits: Floats, k: int) -> NDArray[np.bool_]:
    """Whether the true class is among the `k` highest scores, (n_images,).

    Of equal scores the lower index comes first, as for `argmax`: so the top 1 is the answer given.
    (scikit-learn's `top_k_accuracy_score` puts the higher first; without ties the two agree.)
    """
    mine = logits[np.arange(len(true)), true][:, None]
    earlier = np.arange(logits.shape[1])[None, :] < np.asarray(true)[:, None]
    ahead = (logits > mine) | ((logits == mine) & earlier)
    return ahead.sum(axis=1) < k
