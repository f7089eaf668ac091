"""How sure is "94 % sure"? What became of the validation images that a run answered about as surely."""

import dataclasses

import numpy as np

from core import runs
from core.metrics import decisions

NEAR = 0.1
"""Probabilities that differ by at most this are about as sure."""
LEAST, MOST = 20, 100
"""Of how many images at least and at most it speaks."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Among:
    """Of `judged` images that were answered about as surely, `right` were right."""

    right: int
    judged: int

    @property
    def enough(self) -> bool:
        """Whether these are images enough to say anything."""
        return self.judged >= LEAST


def among(predictions: runs.Predictions, rule: decisions.Decision, probability: float) -> Among:
    """The images whose answer under the rule has about this probability, the nearest 100 of them.

    An answer's probability is that of the label given, which need not be the most probable one; images that
    the rule hands on are no answers.
    """
    shares = rule.probabilities(predictions.logits)
    answers = rule.answer_shares(shares)
    known = np.flatnonzero(answers != decisions.UNKNOWN)
    apart = np.abs(shares[known, answers[known]] - probability)
    nearest = known[np.argsort(apart, kind="stable")[: min(MOST, int((apart <= NEAR).sum()))]]
    right = answers[nearest] == predictions.true[nearest]
    return Among(right=int(right.sum()), judged=len(nearest))
