"""Every figure of one subset in one dictionary: what `metrics RUN --json` prints and the page shows."""

from collections.abc import Sequence
from typing import Any

from core import runs
from core.metrics import decisions, ruled, scored


def summarise(
    predictions: runs.Predictions,
    *,
    validation: runs.Predictions | None = None,
    decision: decisions.Decision | None = None,
    groups: Sequence[object] | None = None,
    draws: int | None = None,
) -> dict[str, Any]:
    """Score `predictions`, as they are and under a decision rule; everything in the answer is plain JSON.

    What does not depend on the rule is `scored.as_scored`, the rest `ruled.figures`.

    decision: the rule in force; the scores at the top are always those of the most probable class, so that
              runs stay comparable.
    """
    rule = decision or decisions.Decision(classes=tuple(predictions.classes))
    whole = scored.as_scored(predictions, validation=validation, groups=groups, draws=draws)
    return ruled.joined(whole, ruled.figures(predictions, rule, groups=groups))
