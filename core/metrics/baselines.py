"""What a figure must beat: what the classes' shares alone would score, without looking at an image."""

import dataclasses
from typing import Any

import numpy as np

from core.metrics import decisions, intervals, scores
from core.metrics.scores import Floats


@dataclasses.dataclass(frozen=True, kw_only=True)
class Baseline:
    """What `words` ("always saying 'cat'") would score on the same images."""

    value: float
    words: str


def of(figures: dict[str, Any], metric: str) -> Baseline | None:
    """The baseline of a headline metric for `summary.summarise`'s figures; None where there is none.

    A constant answer where the metric judges all answers; guessing by the classes' shares where it judges one
    class, as "always say X" finds every X; chance where the metric is 0 (or half) by chance.
    """
    kind, _, label = metric.partition(":")
    support = np.array([one["support"] for one in figures["per_class"].values()], dtype=np.float64)
    shares = support / support.sum()
    if label:
        share = figures["per_class"][label]["support"] / support.sum()
        found = (share, "guessing by the classes' shares") if share > 0 and kind in PER_CLASS else None
    elif metric in scores.OF_TALLY and metric not in BY_CHANCE:
        value = float(scores.OF_TALLY[metric](_always(support)))
        found = None if np.isnan(value) else (value, f"always saying '{figures['majority_class']}'")
    else:
        found = _by_shares(shares, metric) or _of_cost(figures, shares, metric)
    return None if found is None else Baseline(value=float(found[0]), words=found[1])


PER_CLASS = frozenset({"recall", "precision", "f1"})
BY_CHANCE = {"cohen_kappa": 0.0, "matthews": 0.0, "macro_roc_auc": 0.5}


def _always(support: Floats) -> scores.Tally:
    """The tally of always saying the largest class."""
    only = np.arange(len(support)) == int(support.argmax())
    return scores.Tally(support=support, answered=only * support.sum(), right=only * support)


def _by_shares(shares: Floats, metric: str) -> tuple[float, str] | None:
    present = shares[shares > 0]
    if metric in BY_CHANCE:
        return BY_CHANCE[metric], "guessing"
    if metric == "macro_average_precision":
        return present.mean(), "ranking by chance"
    if metric == "log_loss":
        return -(present * np.log(present)).sum(), "giving every image the classes' shares"
    if metric == "brier":
        spread = 1 - (shares**2).sum()
        return (spread / 2 if len(shares) == 2 else spread), "giving every image the classes' shares"
    if metric == f"top_{scores.TOP_K}_accuracy":
        return np.sort(shares)[::-1][: scores.TOP_K].sum(), "always naming the five largest classes"
    return None


def _of_cost(figures: dict[str, Any], shares: Floats, metric: str) -> tuple[float, str] | None:
    if metric != "expected_cost" or figures["cost_basis"] != "all":
        return None  # a cost of the answered images alone is not compared with one of all
    rule = decisions.Decision.from_dict(figures["decision"])
    costs = shares @ rule.cost_matrix
    return (
        1000 * costs.min(),
        f"always saying '{rule.classes[int(costs.argmin())]}', the cheapest single answer",
    )


def gains(sample: intervals.Sample, logits: Floats, shares: Floats) -> dict[str, intervals.Interval]:
    """How much better than the baseline: intervals of the figures that are means over images.

    logits, shares: (n_images, n_classes). Image by image, as the baseline is no surer than the model's own
    figure: the difference of the two figures would take it for known. Better is positive.
    """
    true = sample.true
    support = np.bincount(true, minlength=logits.shape[1])
    common = np.broadcast_to(support / len(true), shares.shape)
    right, guessed = sample.predicted == true, true == support.argmax()
    surprise = -np.log(support[true] / len(true))
    found = {
        "accuracy": intervals.paired(right.astype(np.int64) - guessed, sample.groups),
        "log_loss": intervals.mean(surprise - scores.losses(true, logits), sample),
        "brier": intervals.mean(scores.brier(true, common) - scores.brier(true, shares), sample),
    }
    if logits.shape[1] > scores.TOP_K:
        likely = scores.in_top(true, common, scores.TOP_K)
        gain = scores.in_top(true, logits, scores.TOP_K).astype(np.int64) - likely
        found[f"top_{scores.TOP_K}_accuracy"] = intervals.paired(gain, sample.groups)
    return found
