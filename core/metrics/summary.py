"""Every figure of one subset in one dictionary: what `metrics RUN --json` prints and the page shows.

Undefined figures are None (`null`). An interval is [low, high] at 95 %, or None where there are too few
images to give one honestly (see `intervals.MIN_IMAGES` and `MIN_TOTAL`).
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from core import runs
from core.metrics import areas, calibration, decisions, intervals, ranking, scores
from core.metrics.scores import Floats, Ints

TOP_K = 5


def summarise(
    predictions: runs.Predictions,
    *,
    validation: runs.Predictions | None = None,
    decision: decisions.Decision | None = None,
    groups: Sequence[object] | None = None,
    draws: int | None = None,
) -> dict[str, Any]:
    """Score `predictions`, as they are and under a decision rule; everything in the answer is plain JSON.

    What does not depend on the rule is `as_scored`, the rest `core.metrics.ruled.figures`.

    decision: the rule in force; the scores at the top are always those of the most probable class, so that
              runs stay comparable.
    """
    from core.metrics import ruled  # which builds on this module

    rule = decision or decisions.Decision(classes=tuple(predictions.classes))
    whole = as_scored(predictions, validation=validation, groups=groups, draws=draws)
    return ruled.joined(whole, ruled.figures(predictions, rule, groups=groups))


def as_scored(
    predictions: runs.Predictions,
    *,
    validation: runs.Predictions | None = None,
    groups: Sequence[object] | None = None,
    draws: int | None = None,
) -> dict[str, Any]:
    """The figures that no decision rule changes: the scores of the most probable class, calibration, areas.

    validation: where the temperature is fitted; without it, `predictions` if they are the validation subset,
                else probabilities stay as they are (temperature 1).
    groups:     (n_images,) names; images that share one are resampled together.

    Raises:
        MetricsError: no images, or logits that are not finite.
    """
    scores.check_logits(predictions.true, predictions.logits)
    judged = _Judged.of(predictions, groups, draws)
    per_class = _per_class(judged)
    answers = {"confusion": confusion_of(judged.sample), "classes": list(predictions.classes)}
    whole = _heading(judged) | _whole(judged) | {"per_class": per_class} | answers
    means, pairs = _macro_areas(judged, per_class)
    whole |= means | {"intervals": whole["intervals"] | pairs}
    whole["calibration"] = calibrate(predictions, judged.shares, validation, log_loss=whole["log_loss"])
    return plain(whole)


def of_answers(
    predictions: runs.Predictions, answers: Ints, *, groups: Sequence[object] | None = None
) -> dict[str, Any]:
    """The figures that follow from given answers, (n_images,) class indices or -1 for "unknown".

    An unknown is no right answer: it lowers recall and accuracy. Macro averages run over the classes alone.
    The confusion matrix has a last column for the unknown where there are any.
    """
    judged = _Judged.of(predictions, groups, None, answers)
    values, found = _of_tally(judged)
    per_class = _answers_per_class(judged)
    counts = confusion_of(judged.sample)[: len(predictions.classes)]
    whole = _heading(judged) | {"per_class": per_class, "confusion": counts} | _trusted(judged, values, found)
    return plain(whole)


def confusion_of(sample: intervals.Sample) -> Ints:
    """Counts (n_classes, n_classes), row = true, column = answer of highest probability."""
    return scores.confusion_counts(sample.true, sample.predicted, n_classes=sample.n_classes)


def _macro_areas(judged: "_Judged", per_class: dict[str, Any]) -> tuple[dict[str, float], dict[str, Any]]:
    """Plain means of the areas over the classes that have one, and their intervals."""
    few = judged.sample.n_units < intervals.MIN_TOTAL
    drawn = None if few else areas.macro(judged.sample.true, judged.shares, judged.sample.groups)
    values: dict[str, float] = {}
    pairs: dict[str, Any] = {}
    for place, name in enumerate(("average_precision", "roc_auc")):
        defined = [one[name] for one in per_class.values() if not np.isnan(one[name])]
        known = [one["intervals"][name] for one in per_class.values() if one["intervals"][name] is not None]
        value = float(np.mean(defined)) if defined else np.nan
        resampled = drawn is not None and value < 1  # a perfect order stays perfect under any weights
        pair = drawn[place] if drawn is not None and resampled else areas.bound(known) if known else None
        values[f"macro_{name}"], pairs[f"macro_{name}"] = value, None if few else pair
    return values, pairs


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Judged:
    """One subset with all that its figures are computed from."""

    predictions: runs.Predictions
    sample: intervals.Sample
    shares: Floats  # (n_images, n_classes), uncalibrated
    tally: scores.Tally
    drawn: scores.Tally
    units: Ints  # (n_classes,): groups, or images where there are none

    @classmethod
    def of(
        cls,
        predictions: runs.Predictions,
        groups: Sequence[object] | None,
        draws: int | None,
        answers: Ints | None = None,
    ) -> "_Judged":
        n_classes = len(predictions.classes)
        answers = predictions.logits.argmax(axis=1) if answers is None else answers
        unknown = answers == decisions.UNKNOWN  # counted as the answer of a class without images
        sample = intervals.Sample(
            true=predictions.true,
            predicted=np.where(unknown, n_classes, answers),
            n_classes=n_classes + bool(unknown.any()),
            groups=None if groups is None else intervals.group_codes(groups),
        )
        return cls(
            predictions=predictions,
            sample=sample,
            shares=scores.probabilities(predictions.logits),
            tally=scores.tally(confusion_of(sample)),
            drawn=intervals.draw(sample, draws=draws),
            units=intervals.units_per_class(sample),
        )


def _heading(judged: _Judged) -> dict[str, Any]:
    classes, support = judged.predictions.classes, judged.tally.support
    few = judged.units[: len(classes)] < intervals.MIN_IMAGES
    return {
        "subset": judged.predictions.subset,
        "n_images": len(judged.sample.true),
        "n_groups": None if judged.sample.groups is None else judged.sample.n_units,
        "majority_class": classes[int(support.argmax())],
        "majority_baseline": support.max() / support.sum(),
        "never_predicted": [classes[k] for k in np.flatnonzero(judged.tally.answered == 0)],
        "too_few_images": {
            "whole": judged.sample.n_units < intervals.MIN_TOTAL,
            "classes": [classes[k] for k in np.flatnonzero(few)],
        },
    }


def _whole(judged: _Judged) -> dict[str, Any]:
    """The scores of all images together, and their intervals."""
    values, found = _of_tally(judged)
    sample = judged.sample
    for name, each in _per_image(judged).items():
        values[name] = float(each.mean())
        found[name] = intervals.share(each, sample) if each.dtype == bool else intervals.mean(each, sample)
    return _trusted(judged, values, found)


def _of_tally(judged: _Judged) -> tuple[dict[str, float], dict[str, Any]]:
    """The scores that follow from the confusion matrix, and their intervals."""
    values: dict[str, float] = {}
    found: dict[str, Any] = {}
    for name, score in scores.OF_TALLY.items():
        n = len(judged.predictions.classes) if name.startswith("macro") else None  # without the unknown
        values[name] = float(score(_first(judged.tally, n)))
        found[name] = intervals.bounds(score(_first(judged.drawn, n)))
    if judged.sample.groups is None:
        found["accuracy"] = intervals.share(judged.sample.true == judged.sample.predicted, judged.sample)
    return values, found


def _first(t: scores.Tally, n: int | None) -> scores.Tally:
    """The tally of the first `n` classes, or of all."""
    return scores.Tally(support=t.support[..., :n], answered=t.answered[..., :n], right=t.right[..., :n])


def _trusted(judged: _Judged, values: dict[str, float], found: dict[str, Any]) -> dict[str, Any]:
    """Values beside the intervals that there are images enough for."""
    few = judged.sample.n_units < intervals.MIN_TOTAL
    accuracy = found.pop("accuracy")
    trusted = {name: None if few or np.isnan(values[name]) else pair for name, pair in found.items()}
    return values | {"accuracy_interval": accuracy, "intervals": {"accuracy": accuracy} | trusted}


def _per_image(judged: _Judged) -> dict[str, Floats]:
    """The figures that are means over images, image by image; (n_images,) each."""
    true, logits = judged.predictions.true, judged.predictions.logits
    each: dict[str, Any] = {"log_loss": scores.losses(true, logits)}
    each["brier"] = scores.brier(true, judged.shares)
    if judged.sample.n_classes > TOP_K:
        each[f"top_{TOP_K}_accuracy"] = scores.in_top(true, logits, TOP_K)
    return each


def _per_class(judged: _Judged) -> dict[str, Any]:
    """Label -> its scores, support, answers, and intervals."""
    per_class = _answers_per_class(judged)
    ranks = ranking.one_against_rest(judged.sample.true, judged.shares)
    for k, one in enumerate(per_class.values()):
        own, pairs = _class_areas(ranks[k], judged.units[k], judged.tally.support[k])
        areas_of = _row(own, pairs, judged, k)
        one |= areas_of | {"intervals": one["intervals"] | areas_of["intervals"]}
    return per_class


def _answers_per_class(judged: _Judged) -> dict[str, Any]:
    """Label -> what follows from the answers alone: precision, recall, F1, support, answers, intervals."""
    columns = {name: score(judged.tally) for name, score in PER_CLASS.items()}
    bounds = {name: _class_interval(judged, name) for name in PER_CLASS}
    per_class = {}
    for k, label in enumerate(judged.predictions.classes):
        values = {name: column[k] for name, column in columns.items()}
        pairs: dict[str, Any] = {name: (low[k], high[k]) for name, (low, high) in bounds.items()}
        per_class[label] = _row(values, pairs, judged, k)
    return per_class


def _class_interval(judged: _Judged, name: str) -> tuple[Floats, Floats]:
    """The interval of precision, recall or F1 of every class, (n_classes,) each end.

    For grouped images the resampled one, but never narrower than if each group were one image.
    """
    tally, sample = judged.tally, judged.sample
    found = {
        "precision": tally.answered,
        "recall": tally.support,
        "f1": tally.support + tally.answered - tally.right,
    }
    scale = sample.n_units / len(sample.true)
    closed = intervals.f1 if name == "f1" else intervals.wilson
    low, high = closed(tally.right * scale, found[name] * scale)
    if sample.groups is None:
        return low, high
    drawn = intervals.bounds(PER_CLASS[name](judged.drawn))
    return np.fmin(low, drawn[0]), np.fmax(high, drawn[1])


def _class_areas(area: ranking.Areas, units: int, images: float) -> tuple[dict[str, float], dict[str, Any]]:
    """A class's areas under the curves, and their intervals; a group counts as one observation."""
    inflate = images / max(1, units)
    values = {"average_precision": area.average_precision, "roc_auc": area.auc}
    return values, {
        "average_precision": intervals.average_precision(area.average_precision, units),
        "roc_auc": intervals.auc(area.auc, area.auc_deviation, units, inflate=inflate),
    }


def _row(values: dict[str, float], pairs: dict[str, Any], judged: _Judged, k: int) -> dict[str, Any]:
    few = judged.units[k] < intervals.MIN_IMAGES
    trusted = {name: None if few or np.isnan(values[name]) else pair for name, pair in pairs.items()}
    counts = {"support": int(judged.tally.support[k]), "predicted": int(judged.tally.answered[k])}
    return values | counts | {"intervals": trusted}


PER_CLASS = {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}


def calibrate(
    predictions: runs.Predictions, shares: Floats, validation: runs.Predictions | None, *, log_loss: float
) -> dict[str, Any]:
    """Temperature (fitted on validation only) and the calibration error before and after it."""
    fitted_on = validation or (predictions if predictions.subset == "validation" else None)
    temperature = 1.0 if fitted_on is None else calibration.fit_temperature(fitted_on.true, fitted_on.logits)
    after = scores.probabilities(predictions.logits, temperature)
    return {
        "temperature": temperature,
        "ece_before": calibration.reliability(predictions.true, shares).error,
        "ece_after": calibration.reliability(predictions.true, after).error,
        "log_loss_before": log_loss,
        "log_loss_after": scores.losses(predictions.true, predictions.logits, temperature).mean(),
        "fitted": fitted_on is not None and len(fitted_on.true) >= calibration.MIN_FIT,
    }


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: numpy numbers become Python's, NaN and infinities become None."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind in "iu":
        return value.tolist()  # a confusion matrix of 1,000 classes is a million numbers
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, np.integer | int):
        return int(value)
    if isinstance(value, np.floating | float):
        number = float(value)
        return number if np.isfinite(number) else None
    return value
