"""Natural frequencies: what the answers mean for 1,000 images of the world, not of the dataset.

"Of 1,000 scans, 10 with cancer: 9 found, 1 missed, 41 false alarms." The shares found and falsely alarmed
are the model's; how common the class is, is the world's, and is given.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from core import runs
from core.errors import MetricsError
from core.metrics import decisions, intervals


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frequencies:
    """Whole images out of `of`. found + missed + positives_handed_on = positives; likewise for the others.

    handed on: the rule said "unknown". found_between: 95 % range of `found`, from Wilson's interval.
    trust: of the images that are called `label`, the share that is one; None when none is called so.
    """

    label: str
    of: int
    positives: int
    found: int
    missed: int
    positives_handed_on: int
    false_alarms: int
    cleared: int
    others_handed_on: int
    found_between: tuple[int, int]
    trust: float | None

    def sentence(self) -> str:
        """The frequencies as one sentence."""
        handed = self.positives_handed_on + self.others_handed_on
        text = (
            f"Of {self.of:,} images, {self.positives:,} with '{self.label}': {self.found:,} found, "
            f"{self.missed:,} missed, {self.false_alarms:,} false {_plural('alarm', self.false_alarms)}"
        )
        return text + (f", {handed:,} handed to a person." if handed else ".")


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def of_class(
    predictions: runs.Predictions,
    rule: decisions.Decision,
    label: str,
    *,
    prevalence: float,
    of: int = 1000,
    groups: Sequence[object] | None = None,
) -> Frequencies:
    """Carry the rule's rates over to a world where `label` makes up the share `prevalence` (0 to 1).

    groups: (n_images,) names; images that share one are found or missed together.

    Raises:
        MetricsError: the class is unknown, the prevalence is out of range, or the subset has no image of the
            class, or none of the others, so that its rate cannot be known.
    """
    if label not in predictions.classes:
        raise MetricsError(f"There is no class {label!r}; the classes are {', '.join(predictions.classes)}.")
    if not 0 <= prevalence <= 1:
        raise MetricsError(f"The prevalence is {prevalence}; a share from 0 to 1 is accepted.")
    place = predictions.classes.index(label)
    positive = predictions.true == place
    if positive.all() or not positive.any():
        raise MetricsError(
            f"The {predictions.subset} images are all, or none, of '{label}': a rate is missing."
        )
    answers = rule.answer(predictions.logits)
    codes = intervals.group_codes(groups)
    called = answers == place
    worth = intervals.design_effect(called[positive], None if codes is None else codes[positive])
    rate = intervals.wilson(called[positive].sum() / worth, positive.sum() / worth)
    between = float(rate[0]), float(rate[1])
    return _carry(label, positive, called, answers == decisions.UNKNOWN, prevalence, of, between)


def _carry(
    label: str,
    positive: np.ndarray,
    called: np.ndarray,
    unknown: np.ndarray,
    prevalence: float,
    of: int,
    between: intervals.Interval,
) -> Frequencies:
    positives = round(of * prevalence)
    found, unsure = _share_out(positives, called[positive], unknown[positive])
    alarms, others_unsure = _share_out(of - positives, called[~positive], unknown[~positive])
    given = prevalence * called[positive].mean() + (1 - prevalence) * called[~positive].mean()
    return Frequencies(
        label=label,
        of=of,
        positives=positives,
        found=found,
        missed=positives - found - unsure,
        positives_handed_on=unsure,
        false_alarms=alarms,
        cleared=of - positives - alarms - others_unsure,
        others_handed_on=others_unsure,
        found_between=(int(np.floor(between[0] * positives)), int(np.ceil(between[1] * positives))),
        trust=float(prevalence * called[positive].mean() / given) if given > 0 else None,
    )


def _share_out(images: int, called: np.ndarray, unknown: np.ndarray) -> tuple[int, int]:
    """Whole numbers of called and of unknown images that never exceed `images`."""
    first = round(images * float(called.mean()))
    return first, min(images - first, round(images * float(unknown.mean())))
