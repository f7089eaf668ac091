"""Why an answer is what it is: the likeliest class, or what has decided otherwise."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from core.metrics import decisions

Reason = Literal["likeliest", "rule", "too unsure", "too costly", "unlike"]


def reason(
    rule: decisions.Decision,
    probabilities: Mapping[str, float],
    label: str,
    *,
    unknown_because: Literal["unlike", "unsure"] | None,
) -> Reason:
    """What made the answer, for calibrated probabilities in the order of the rule's classes.

    likeliest:  the class with the highest probability is the answer.
    rule:       the rule's threshold or costs chose another class.
    too unsure: no probability reaches the least that the rule asks for: unknown.
    too costly: every answer is expected to cost more than asking a person: unknown.
    unlike:     the image is unlike those of the training: unknown, whatever the rule says.
    """
    if unknown_because == "unlike":
        return "unlike"
    shares = np.array([[probabilities[name] for name in rule.classes]])
    if unknown_because == "unsure":
        asked = rule.unknown_below is not None and shares.max() < rule.unknown_below
        return "too unsure" if asked else "too costly"
    return "likeliest" if label == rule.classes[int(shares.argmax())] else "rule"
