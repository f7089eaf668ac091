"""The figures in plain words: what can be said, and what cannot be said yet."""

import dataclasses
from typing import Any, Literal

from core.metrics import adviser, words

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
    """Compare the headline metric with always saying the largest class."""
    value, pair = adviser.value_of(figures, metric)
    baseline = adviser.baseline_of(figures, metric)
    guess = f"always saying '{figures['majority_class']}'"
    if value is None:
        return Sentence(tone="bad", text=f"{adviser.title(metric)} is undefined here: 0 out of 0.")
    if baseline is None:
        return None
    if pair is None:
        return Sentence(
            tone="unsure",
            text=f"Too few images to say how sure this figure is: {figures['n_images']} in all.",
        )
    low, high = (100 * (edge - baseline) for edge in pair)
    if low > 0:
        return Sentence(tone="good", text=f"Better than {guess} by {_range(low, high)} points.")
    if high < 0:
        return Sentence(tone="bad", text=f"Worse than {guess} by {_range(-high, -low)} points.")
    return Sentence(
        tone="unsure",
        text=f"Cannot yet be told apart from {guess}, which scores {words.percent(baseline)} "
        f"({adviser.title(metric)} lies between {words.between(pair)}).",
    )


def _range(low: float, high: float) -> str:
    first, last = f"{low:.0f}", f"{high:.0f}"
    return first if first == last else f"{first} to {last}"


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
    if found["fitted"] and found["ece_before"] > 0.05:
        sureness = "surer than it should be" if found["temperature"] > 1 else "less sure than it could be"
        text = (
            f"Its probabilities are off by {words.percent(found['ece_before'])} on average ({sureness}); "
            f"calibration brings that to {words.percent(found['ece_after'])}."
        )
        said.append(Sentence(tone="note", text=text))
    return said


def _names(labels: list[str], most: int = 4) -> str:
    shown = [f"'{label}'" for label in labels[:most]]
    if len(labels) > most:
        return f"{', '.join(shown)} and {len(labels) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def against_other(compared: dict[str, Any], other: str = "the other run") -> Sentence:
    """What a comparison (`comparison.compare`) says of the second run against `other`."""
    low, high = (100 * edge for edge in compared["interval"])
    if compared["interval"][0] > 0:
        return Sentence(tone="good", text=f"Better than {other} by {_range(low, high)} points.")
    if compared["interval"][1] < 0:
        return Sentence(tone="bad", text=f"Worse than {other} by {_range(-high, -low)} points.")
    return Sentence(
        tone="unsure",
        text=f"Cannot yet be told apart from {other}: the difference lies between {low:+.1f} and "
        f"{high:+.1f} points.",
    )
