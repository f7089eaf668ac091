"""The figures of one subset: those of the most probable class, and those of answers that are given.

Undefined figures are None (`null`). An interval is [low, high] at 95 %, or None where there are too few
images to give one honestly (see `intervals.MIN_IMAGES` and `MIN_TOTAL`): the scores of the whole need 50
images (or groups), those of one class 10 of it, mean areas 10 of every class that they average; accuracy has
one from the first image on (with groups: from the tenth group).
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from core import runs
from core.metrics import areas, baselines, calibration, decisions, intervals, resampling, scores
from core.metrics.plain import plain
from core.metrics.scores import TOP_K, Floats, Ints

PER_CLASS = {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}
AREAS = ("average_precision", "roc_auc")


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
    shares = scores.probabilities(predictions.logits)
    figures = _heading(judged) | _whole(judged, shares)
    figures |= {"confusion": confusion_of(judged.sample), "classes": list(predictions.classes)}
    figures["per_class"] = _answers_per_class(judged)
    _add_areas(figures, judged, areas.one_against_rest(judged.sample, shares))
    fitted_on = validation or (predictions if predictions.subset == "validation" else None)
    labelled = None if fitted_on is None else (fitted_on.true, fitted_on.logits)
    figures["calibration"] = calibration.figures(judged.sample, predictions.logits, fitted_on=labelled)
    return plain(figures)


def of_answers(
    predictions: runs.Predictions, answers: Ints, *, groups: Sequence[object] | None = None
) -> dict[str, Any]:
    """The figures that follow from given answers, (n_images,) class indices or -1 for "unknown".

    An unknown is no right answer: it lowers recall and accuracy. Macro averages run over the classes alone.
    The confusion matrix has a last column for the unknown where there are any.
    """
    judged = _Judged.of(predictions, groups, None, answers)
    counts = confusion_of(judged.sample)[: len(predictions.classes)]
    figures = _heading(judged) | {"per_class": _answers_per_class(judged), "confusion": counts}
    gained = _gained(judged, scores.probabilities(predictions.logits))
    return plain(figures | _trusted(judged, *_of_tally(judged)) | gained)


def confusion_of(sample: intervals.Sample) -> Ints:
    """Counts (n_classes, n_classes), row = true, column = answer of highest probability."""
    return scores.confusion_counts(sample.true, sample.predicted, n_classes=sample.n_classes)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Judged:
    """One subset's answers with all that their figures are computed from."""

    predictions: runs.Predictions
    sample: intervals.Sample
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
            groups=intervals.group_codes(groups),
        )
        return cls(
            predictions=predictions,
            sample=sample,
            tally=scores.tally(confusion_of(sample)),
            drawn=resampling.draw(sample, draws=draws),
            units=intervals.units_per_class(sample),
        )

    @property
    def enough(self) -> bool:
        """Whether there are images (or groups) enough to trust the intervals of the whole."""
        return self.sample.n_units >= intervals.MIN_TOTAL


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
            "whole": not judged.enough,
            "classes": [classes[k] for k in np.flatnonzero(few)],
        },
    }


def _whole(judged: _Judged, shares: Floats) -> dict[str, Any]:
    """The scores of all images together, their intervals, and by how much they beat their baselines."""
    values, found = _of_tally(judged)
    sample = judged.sample
    for name, each in _per_image(judged, shares).items():
        values[name] = float(each.mean())
        found[name] = intervals.share(each, sample) if each.dtype == bool else intervals.mean(each, sample)
    return _trusted(judged, values, found) | _gained(judged, shares)


def _gained(judged: _Judged, shares: Floats) -> dict[str, Any]:
    found = baselines.gains(judged.sample, judged.predictions.logits, shares) if judged.enough else {}
    return {"gain_intervals": found}


def _of_tally(judged: _Judged) -> tuple[dict[str, float], dict[str, Any]]:
    """The scores that follow from the confusion matrix, and their intervals."""
    values: dict[str, float] = {}
    found: dict[str, Any] = {}
    for name, score in scores.OF_TALLY.items():
        n = len(judged.predictions.classes) if name.startswith("macro") else None  # without the unknown
        values[name] = float(score(_first(judged.tally, n)))
        found[name] = intervals.bounds(score(_first(judged.drawn, n)))
    return values, found


def _first(t: scores.Tally, n: int | None) -> scores.Tally:
    """The tally of the first `n` classes, or of all."""
    return scores.Tally(support=t.support[..., :n], answered=t.answered[..., :n], right=t.right[..., :n])


def _trusted(judged: _Judged, values: dict[str, float], found: dict[str, Any]) -> dict[str, Any]:
    """Values beside the intervals that there are images enough for; accuracy's is Wilson's."""
    sample = judged.sample
    pairs = {
        name: intervals.trusted(values[name], pair, enough=judged.enough) for name, pair in found.items()
    }
    solid = sample.groups is None or sample.n_units >= intervals.MIN_IMAGES
    between = intervals.share(sample.true == sample.predicted, sample)
    pairs["accuracy"] = intervals.trusted(values["accuracy"], between, enough=solid)
    return values | {"accuracy_interval": pairs["accuracy"], "intervals": pairs}


def _per_image(judged: _Judged, shares: Floats) -> dict[str, Any]:
    """The figures that are means over images, image by image; (n_images,) each."""
    true, logits = judged.predictions.true, judged.predictions.logits
    each: dict[str, Any] = {"log_loss": scores.losses(true, logits), "brier": scores.brier(true, shares)}
    if judged.sample.n_classes > TOP_K:
        each[f"top_{TOP_K}_accuracy"] = scores.in_top(true, logits, TOP_K)
    return each


def _answers_per_class(judged: _Judged) -> dict[str, Any]:
    """Label -> what follows from the answers alone: precision, recall, F1, support, answers, intervals."""
    columns = {name: score(judged.tally) for name, score in PER_CLASS.items()}
    bounds = {name: _class_interval(judged, name) for name in PER_CLASS}
    per_class = {}
    for k, label in enumerate(judged.predictions.classes):
        enough = bool(judged.units[k] >= intervals.MIN_IMAGES)
        values = {name: float(column[k]) for name, column in columns.items()}
        pairs = {
            name: intervals.trusted(values[name], (low[k], high[k]), enough=enough)
            for name, (low, high) in bounds.items()
        }
        counts = {"support": int(judged.tally.support[k]), "predicted": int(judged.tally.answered[k])}
        per_class[label] = values | counts | {"intervals": pairs}
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


def _add_areas(figures: dict[str, Any], judged: _Judged, ranked: areas.Ranked) -> None:
    """Put each class's areas under the curves, and their plain means, with their intervals, in their places.

    An area needs images (or groups) enough of the class and of the others; a mean, of every class in it.
    """
    solid = areas.fewest(judged.sample) >= intervals.MIN_IMAGES
    for one, area, pairs, enough in zip(
        figures["per_class"].values(), ranked.classes, ranked.of_class, solid, strict=True
    ):
        for name, value, pair in zip(AREAS, (area.average_precision, area.auc), pairs, strict=True):
            one[name] = value
            one["intervals"][name] = intervals.trusted(value, pair, enough=bool(enough))
    every = judged.enough and bool(solid[judged.units > 0].all())
    for name, value, pair in zip(AREAS, ranked.means, ranked.of_means, strict=True):
        figures[f"macro_{name}"] = value
        figures["intervals"][f"macro_{name}"] = intervals.trusted(value, pair, enough=every)
