"""The figures in plain words: what can be said, and what cannot be said yet."""

import dataclasses
from typing import Any, Literal

from core.metrics import adviser, baselines, intervals, words

Tone = Literal["good", "bad", "unsure", "note"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sentence:
    """One statement, and whether it is good news, bad news, not yet decided, or a note."""

    tone: Tone
    text: str


def verdict(figures: dict[str, Any], metric: str = "accuracy") -> list[Sentence]:
    """What the figures say, the most important first."""
    said = [_against_guessing(figures, metric), *_blind_spots(figures), *_sureness(figures)]
    return [sentence for sentence in said if sentence is not None]


def _against_guessing(figures: dict[str, Any], metric: str) -> Sentence | None:
    """Compare the headline metric with what the classes' shares alone would score on the same images."""
    value, pair = adviser.value_of(figures, metric)
    baseline = baselines.of(figures, metric)
    if value is None:
        return Sentence(tone="bad", text=f"{adviser.title(metric)} is undefined here: 0 out of 0.")
    if baseline is None:
        return None
    if pair is None:
        return Sentence(tone="unsure", text=_too_few(figures, metric))
    guess = f"{baseline.words} ({_figure(metric, baseline.value)} on these images)"
    low, high = _gain(figures, metric, pair, baseline.value)
    if low > RESIDUE:
        return Sentence(tone="good", text=f"{_than('better', metric, guess)} by {_range(metric, low, high)}.")
    if high < -RESIDUE:
        return Sentence(tone="bad", text=f"{_than('worse', metric, guess)} by {_range(metric, -high, -low)}.")
    ends = f"{_figure(metric, pair[0])} and {_figure(metric, pair[1])}"
    text = f"Cannot yet be told apart from {guess}: {adviser.title(metric)} lies between {ends}."
    return Sentence(tone="unsure", text=text)


def _than(how: str, metric: str, guess: str) -> str:
    """ "Better than always saying 'cat'"; a metric other than accuracy is named, so that none are mixed."""
    if metric == "accuracy":
        return f"{how.capitalize()} than {guess}"
    return f"{adviser.title(metric)} is {how} than with {guess}"


RESIDUE = 1e-9
"""What is left of adding up in another order, and is no difference."""


def _gain(figures: dict[str, Any], metric: str, pair: list[float], baseline: float) -> tuple[float, float]:
    """How much better than the baseline; where both are means over images, judged image by image."""
    paired = figures.get("gain_intervals", {}).get(metric)
    if paired is not None:
        return paired[0], paired[1]
    low, high = (edge - baseline for edge in pair)
    return (-high, -low) if metric in adviser.LOWER_IS_BETTER else (low, high)


def _too_few(figures: dict[str, Any], metric: str) -> str:
    _, _, label = metric.partition(":")
    if label:
        count = figures["per_class"][label]["support"]
        return f"Too few images to say how sure this figure is: {count} of '{label}'."
    thin = figures["too_few_images"]["classes"]
    if thin and not figures["too_few_images"]["whole"]:
        return f"Too few images of {_names(thin)} to say how sure this figure is."
    what = "images" if figures["n_groups"] is None else "groups of images"
    count = figures["n_images"] if figures["n_groups"] is None else figures["n_groups"]
    return f"Too few {what} to say how sure this figure is: {count} in all."


def _figure(metric: str, value: float) -> str:
    if metric == "expected_cost":
        return f"{value:.0f}"
    return f"{value:.3f}" if metric in adviser.PLAIN else words.percent(value)


def _range(metric: str, low: float, high: float) -> str:
    """The ends in points (of a percentage), or in the metric's own unit."""
    points = metric not in adviser.PLAIN
    digits = 0 if points or metric == "expected_cost" else 2
    first, last = (f"{(100 if points else 1) * end:.{digits}f}" for end in (low, high))
    return (first if first == last else f"{first} to {last}") + (" points" if points else "")


def _blind_spots(figures: dict[str, Any]) -> list[Sentence]:
    """Classes that are never answered, or mostly missed."""
    said = []
    blind = [label for label in figures["never_predicted"] if figures["per_class"][label]["support"]]
    if blind:
        said.append(Sentence(tone="bad", text=f"Never predicts {_names(blind)}."))
    weak = [
        label
        for label, one in figures["per_class"].items()
        if label not in blind and one["recall"] is not None and one["recall"] < 0.5
    ]
    if weak:
        said.append(Sentence(tone="bad", text=f"Misses more than half of {_names(weak)}."))
    return said


def _sureness(figures: dict[str, Any]) -> list[Sentence]:
    """Too few images; over- or under-confidence."""
    said = []
    few = figures["too_few_images"]["classes"]
    if few:
        text = f"Too few images to judge {_names(few)}: collect more, or judge them with care."
        said.append(Sentence(tone="unsure", text=text))
    found = figures["calibration"]
    if found["fitted"] and found["ece_before"] > max(NOTICEABLE, found["ece_before_limit"]):
        said.append(Sentence(tone="note", text=_off(found)))
    return said


def _off(found: dict[str, Any]) -> str:
    """How far the probabilities are off, and whether calibration mends it."""
    sureness = "surer than it should be" if found["temperature"] > 1 else "less sure than it could be"
    before, after = (words.percent(found[f"ece_{when}"]) for when in ("before", "after"))
    helped = found["ece_after"] < found["ece_before"] - WORTH_SAYING
    mended = f"calibration brings that to {after}" if helped else f"calibration does not mend that ({after})"
    return (
        f"Its probabilities are off by {before} on average ({sureness}); {mended}. By chance alone, with so "
        f"many images, it would be {words.percent(found['ece_before_expected'])}."
    )


WORTH_SAYING = 0.005
"""A gain of calibration up to which it counts as none."""
NOTICEABLE = 0.05
"""Calibration error up to which nothing is said, however sure it is."""


def _names(labels: list[str], most: int = 4) -> str:
    shown = [f"'{label}'" for label in labels[:most]]
    if len(labels) > most:
        return f"{', '.join(shown)} and {len(labels) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def against_other(compared: dict[str, Any], other: str = "the other run") -> Sentence:
    """What a comparison (`comparison.compare`) says of the second run against `other`."""
    metric = compared["metric"]
    if compared["difference"] is None:
        undefined = f"{adviser.title(metric)} is undefined for one of them, 0 out of 0"
        return Sentence(tone="unsure", text=f"Cannot be compared with {other}: {undefined}.")
    if compared["interval"] is None:
        groups = compared["n_groups"]
        found = f"{compared['n_common']:,} images" + ("" if groups is None else f" in {groups:,} groups")
        needed = f"{intervals.MIN_TOTAL} {'images' if groups is None else 'groups'}"
        text = f"Too few images in common with {other} to tell: {found}, where {needed} are needed."
        return Sentence(tone="unsure", text=text)
    low, high = compared["interval"]
    if low > RESIDUE:
        return Sentence(tone="good", text=f"Better than {other} by {_range(metric, low, high)}.")
    if high < -RESIDUE:
        return Sentence(tone="bad", text=f"Worse than {other} by {_range(metric, -high, -low)}.")
    return Sentence(
        tone="unsure",
        text=f"Cannot yet be told apart from {other}: the difference lies between "
        f"{span(metric, [low, high], 'and')}.",
    )


def signed(metric: str, value: float | None) -> str:
    """A difference: "+1.2 points", or "+0.012" of what is no share; None is "undefined"."""
    if value is None:
        return "undefined"
    return f"{value:+.3f}" if metric in adviser.PLAIN else f"{100 * value:+.1f} points"


def span(metric: str, pair: list[float] | None, word: str = "to") -> str:
    """A difference's interval: "-1.0 to +3.0 points"; None is "too few images"."""
    if pair is None:
        return "too few images"
    low, high = (signed(metric, edge) for edge in pair)
    return f"{low.removesuffix(' points')} {word} {high}"
