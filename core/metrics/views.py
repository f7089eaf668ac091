"""What the charts draw: arrays ready to plot, for the page and for the report alike."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from core import runs
from core.errors import MetricsError
from core.metrics import calibration, decisions, intervals, ranking, scores
from core.metrics.scores import Floats, Ints


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassCurve:
    """Precision-recall and ROC of one class against the rest, with the rule's own point on both.

    recall, precision, false_positive_rate at the working point are None where they are 0/0.
    """

    label: str
    curve: ranking.Curve
    areas: ranking.Areas
    recall: float | None
    precision: float | None
    false_positive_rate: float | None


def class_curve(predictions: runs.Predictions, rule: decisions.Decision, label: str) -> ClassCurve:
    """The curves of `label` by its calibrated probability, thinned to what a screen can show.

    Raises:
        MetricsError: there is no such class.
    """
    if label not in predictions.classes:
        raise MetricsError(f"There is no class {label!r}; the classes are {', '.join(predictions.classes)}.")
    place = predictions.classes.index(label)
    shares = rule.probabilities(predictions.logits)
    positive, called = predictions.true == place, rule.answer_shares(shares) == place
    found = (positive & called).sum()
    return ClassCurve(
        label=label,
        curve=ranking.thin(ranking.curve(positive, shares[:, place])),
        areas=ranking.areas(positive, shares[:, place]),
        recall=_share(found, positive.sum()),
        precision=_share(found, called.sum()),
        false_positive_rate=_share((called & ~positive).sum(), (~positive).sum()),
    )


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Histogram:
    """Images by the probability of the most probable class: edges (n_bins + 1,), counts (n_bins,)."""

    edges: Floats
    right: Ints
    wrong: Ints


def confidence(predictions: runs.Predictions, temperature: float, *, bins: int = 20) -> Histogram:
    """How sure the right and the wrong answers are, probabilities at `temperature`."""
    shares = scores.probabilities(predictions.logits, temperature)
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == predictions.true
    edges = np.linspace(0, 1, bins + 1)
    return Histogram(
        edges=edges,
        right=np.histogram(sure[right], edges)[0],
        wrong=np.histogram(sure[~right], edges)[0],
    )


def reliability(
    predictions: runs.Predictions, temperature: float, *, groups: Sequence[object] | None = None
) -> tuple[calibration.Reliability, calibration.Reliability]:
    """The reliability of the probabilities before and after scaling by `temperature`.

    groups: (n_images,) names; images that share one go right or wrong together.
    """
    true, codes = predictions.true, intervals.group_codes(groups)
    before, after = (scores.probabilities(predictions.logits, heat) for heat in (1.0, temperature))
    return (
        calibration.reliability(true, before, groups=codes),
        calibration.reliability(true, after, groups=codes),
    )


def score_rows(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """The scores of the whole, one row each: name, title, value, low, high, note; None where undefined."""
    rows = []
    for name, (title, note) in SCORES.items():
        if name not in figures:
            continue
        low, high = figures["intervals"].get(name) or (None, None)
        rows.append(
            {"name": name, "title": title, "value": figures[name], "low": low, "high": high, "note": note}
        )
    return rows


SCORES = {
    "accuracy": ("Accuracy", "Share of images whose answer is right."),
    "balanced_accuracy": ("Balanced accuracy", "Mean recall over the classes: every class counts alike."),
    "macro_f1": ("Macro F1", "Mean F1 over the classes: every class counts alike."),
    "weighted_f1": ("Weighted F1", "Mean F1 over the classes, weighed by their images."),
    "macro_precision": ("Macro precision", "Mean precision over the classes."),
    "macro_recall": ("Macro recall", "Mean recall over the classes that occur."),
    "top_5_accuracy": ("Top-5 accuracy", "Share of images whose class is among the five most probable."),
    "macro_average_precision": ("Mean average precision", "Area under precision-recall, mean over classes."),
    "macro_roc_auc": (
        "Mean ROC AUC",
        "Chance that an image of a class outranks one that is not; mean over classes.",
    ),
    "cohen_kappa": ("Cohen's kappa", "Agreement beyond chance: 0 as by chance, 1 perfect."),
    "matthews": ("Matthews correlation", "Correlation of answers and truth: 0 none, 1 perfect."),
    "log_loss": ("Log loss", "Mean surprise in nats, before calibration; lower is better."),
    "brier": ("Brier score", "Squared error of the probabilities, before calibration; lower is better."),
}
"""Title and one sentence for each score of the whole, in the order in which they are shown."""


def between(pair: list[float] | None) -> str:
    """An interval of shares, short enough for a table: "81–92 %"; empty where there is none."""
    return "" if pair is None else f"{100 * pair[0]:.0f}–{100 * pair[1]:.0f} %"
