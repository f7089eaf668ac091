"""What a decision rule makes of stored logits: its answers, their scores and their costs.

Two readings of the same figures: as the most probable class, and under the rule. `under` gives the second in
the shape of the first, so that whatever draws figures can draw either.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core import runs
from core.metrics import bills, decisions, scored
from core.metrics.plain import plain
from core.metrics.scores import divide


def figures(
    predictions: runs.Predictions, rule: decisions.Decision, *, groups: Sequence[object] | None = None
) -> dict[str, Any]:
    """The part of a subset's figures that follows from the rule; plain JSON.

    decision, and the bill by its costs (see `bills.Bill`). under_decision: coverage; n_changed images that
    are answered otherwise than with the most probable class; accuracy of the answered; recall by class;
    `confusion` (n_classes, n_classes or, with unknowns, n_classes + 1) and `figures`, both None where nothing
    changes.
    """
    true, plainly = predictions.true, predictions.logits.argmax(axis=1)
    answers = rule.answer(predictions.logits)
    known, changed = answers != decisions.UNKNOWN, answers != plainly
    judged = scored.of_answers(predictions, answers, groups=groups) if changed.any() else None
    billed = bills.bill(true, answers, plainly, rule, groups=groups)
    support = np.bincount(true, minlength=len(predictions.classes))
    found = np.bincount(true[answers == true], minlength=len(predictions.classes))
    return plain(
        {"decision": rule.to_dict() | {"words": rule.describe()}}
        | billed.to_dict()
        | {
            "under_decision": {
                "coverage": known.mean(),
                "n_changed": changed.sum(),
                "accuracy": float((answers == true)[known].mean()) if known.any() else None,
                "recall": dict(zip(predictions.classes, divide(found, support), strict=True)),
                "confusion": None if judged is None else judged["confusion"],
                "figures": judged,
            }
        }
    )


def changes(figures: dict[str, Any]) -> bool:
    """Whether the rule in force answers any of the images otherwise than with the most probable class."""
    return figures["under_decision"]["n_changed"] > 0


def under(figures: dict[str, Any]) -> dict[str, Any]:
    """All figures as they are under the rule in force; what no rule changes (areas, losses) stays."""
    by_rule = figures["under_decision"]["figures"]
    if by_rule is None:
        return figures
    per_class = {
        label: one | by_rule["per_class"][label] | {"intervals": one["intervals"] | own}
        for label, one in figures["per_class"].items()
        for own in (by_rule["per_class"][label]["intervals"],)
    }
    pairs = figures["intervals"] | by_rule["intervals"]
    return figures | by_rule | {"per_class": per_class, "intervals": pairs}


def plainly(figures: dict[str, Any]) -> dict[str, Any]:
    """All figures as they are for the most probable class, its cost included."""
    cost = figures["as_highest"]
    pairs = figures["intervals"] | {"expected_cost": cost["interval"]}
    return figures | {"expected_cost": cost["expected_cost"], "cost_basis": "all", "intervals": pairs}


def joined(whole: dict[str, Any], by_rule: dict[str, Any]) -> dict[str, Any]:
    """The figures that no rule changes, and those of a rule (`figures`), as one."""
    pairs = whole["intervals"] | {"expected_cost": by_rule["expected_cost_interval"]}
    return whole | by_rule | {"intervals": pairs}


def answer_names(figures: dict[str, Any]) -> list[str]:
    """What the columns of the confusion matrix stand for: the classes and, where there are any, "unknown"."""
    columns = len(figures["confusion"][0])
    return [*figures["classes"], decisions.unknown_label(figures["classes"])][:columns]
