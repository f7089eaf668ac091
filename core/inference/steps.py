"""The lesson's last step in numbers: from the scores of one image to its probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import InferenceError


@dataclass(frozen=True, kw_only=True)
class Softmax:
    """How `probability = e^(z / T) / sum(e^(z / T))` comes about; each tuple is (n_classes,).

    `scaled` is the logits divided by the temperature T (1 where a run is not calibrated).
    """

    temperature: float
    logits: tuple[float, ...]
    scaled: tuple[float, ...]
    exponentials: tuple[float, ...]
    total: float
    probabilities: tuple[float, ...]


def softmax(logits: Sequence[float], temperature: float = 1.0) -> Softmax:
    """Every number on the way from the logits (n_classes,) of one image to its probabilities.

    Raises:
        InferenceError: there are no logits, one is not finite, or the temperature is not above 0.
    """
    z = np.asarray(logits, dtype=np.float64)
    if z.ndim != 1 or not z.size or not np.isfinite(z).all():
        raise InferenceError(f"Softmax needs one finite score for each class; it was given {list(logits)!r}.")
    if not temperature > 0:
        raise InferenceError(f"The temperature is {temperature}; a number above 0 is accepted.")
    scaled = z / temperature
    # The lesson's formula, shifted where e^z would leave the range of numbers: the shares stay the same.
    highest = float(scaled.max())
    exponentials = np.exp(scaled - (highest - float(np.clip(highest, -700, 700))))
    total = float(exponentials.sum())
    return Softmax(
        temperature=temperature,
        logits=tuple(z.tolist()),
        scaled=tuple(scaled.tolist()),
        exponentials=tuple(exponentials.tolist()),
        total=total,
        probabilities=tuple((exponentials / total).tolist()),
    )
