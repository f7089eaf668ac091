"""Which one figure to judge a run by: proposed before the results are seen, with the reason.

A headline metric is a name: one of `summary`'s scores, or "recall:LABEL" or "precision:LABEL".
"""

import dataclasses
from typing import Any, Literal

from core.errors import MetricsError

Worse = Literal["equal", "miss", "false alarm"]
UNEVEN = 3.0
"""Largest class over smallest class from which accuracy would hide the small ones."""
HARDLY = 0.1
"""Share of the images below which missing a whole class costs accuracy little."""
TITLES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro F1",
    "weighted_f1": "Weighted F1",
    "macro_precision": "Macro precision",
    "macro_recall": "Macro recall",
    "macro_average_precision": "Mean average precision",
    "macro_roc_auc": "Mean ROC AUC",
    "cohen_kappa": "Cohen's kappa",
    "matthews": "Matthews correlation",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "expected_cost": "Expected cost per 1,000",
}
PLAIN = frozenset({"log_loss", "brier", "cohen_kappa", "matthews", "expected_cost"})
"""Metrics that are no shares, and are not written as percentages."""
PER_CLASS = frozenset({"recall", "precision", "f1", "average_precision", "roc_auc"})
WITHOUT_TITLE = frozenset({"top_5_accuracy"})
LOWER_IS_BETTER = frozenset({"log_loss", "brier", "expected_cost"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Advice:
    """A headline metric and why."""

    metric: str
    reason: str


def advise(counts: dict[str, int], *, worse: Worse = "equal", label: str | None = None) -> Advice:
    """Propose the headline metric.

    counts: label -> images of the dataset. worse: which mistake is worse; "miss" and "false alarm" name the
    class `label` that must not be missed, or not be alarmed falsely.

    Raises:
        MetricsError: there are no classes, or `label` is none of them.
    """
    present = {name: n for name, n in counts.items() if n > 0}
    if not present:
        raise MetricsError("There are no images yet; add a dataset before choosing a metric.")
    if worse != "equal":
        return _for_one_class(counts, worse, label)
    largest, smallest = max(present, key=lambda k: present[k]), min(present, key=lambda k: present[k])
    share = present[largest] / sum(present.values())
    if present[largest] >= UNEVEN * present[smallest]:
        return Advice(
            metric="macro_f1",
            reason=f"The classes are uneven: '{largest}' has {present[largest]:,} images, '{smallest}' "
            f"{present[smallest]:,}. Always saying '{largest}' would be {100 * share:.0f} % accurate and "
            "useless; macro F1 counts every class the same.",
        )
    return Advice(
        metric="accuracy",
        reason="The classes are about equally large and all mistakes count the same: the share of right "
        "answers says it all.",
    )


def _for_one_class(counts: dict[str, int], worse: Worse, label: str | None) -> Advice:
    if label not in counts:
        raise MetricsError(f"There is no class {label!r}; the classes are {', '.join(counts)}.")
    share = counts[label] / max(1, sum(counts.values()))
    if worse == "miss":
        notice = (
            "accuracy would hardly notice if all were missed."
            if share < HARDLY
            else "accuracy would count the rest as much."
        )
        reason = (
            f"Missing '{label}' is the worse mistake, so judge by the share of '{label}' that is found "
            f"(recall), and watch the false alarms beside it: always saying '{label}' would find all. "
            f"'{label}' makes up {100 * share:.1f} % of the images; {notice}"
        )
        return Advice(metric=f"recall:{label}", reason=reason)
    return Advice(
        metric=f"precision:{label}",
        reason=f"A false alarm of '{label}' is the worse mistake, so judge by how often '{label}' is right "
        "when it is said (precision), and watch how many are found beside it.",
    )


def title(metric: str) -> str:
    """What a person calls the metric: "Macro F1", "Recall of 'cat'"."""
    kind, _, label = metric.partition(":")
    return (
        f"{kind.capitalize()} of '{label}'"
        if label
        else TITLES.get(metric, metric.replace("_", " ").capitalize())
    )


def choices(classes: list[str]) -> list[str]:
    """Every metric that may be the headline."""
    return [*TITLES, *(f"{kind}:{label}" for label in classes for kind in ("recall", "precision", "f1"))]


def value_of(figures: dict[str, Any], metric: str) -> tuple[float | None, list[float] | None]:
    """The metric's value and its interval in `summary.summarise`'s figures; None where undefined.

    Raises:
        MetricsError: the figures hold no metric of that name.
    """
    kind, _, label = metric.partition(":")
    place = figures["per_class"].get(label) if label else figures
    known = PER_CLASS if label else TITLES.keys() | WITHOUT_TITLE
    if place is None or kind not in known or kind not in place:
        raise MetricsError(
            f"There is no metric {metric!r}; choose one of {', '.join(TITLES)} or recall:CLASS."
        )
    return place[kind], place["intervals"].get(kind)
