"""What answers cost: a rule's answers and the most probable classes, on the same images, by one set of costs.

Images that are handed on ("unknown") are part of the bill only where handing on has a price. Where it has
none, both sides count the answered images alone: an unknown is never a saving.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from core.metrics import intervals
from core.metrics.decisions import UNKNOWN, Decision
from core.metrics.scores import Floats, Ints

Basis = Literal["all", "answered"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bill:
    """Costs per 1,000 images of the `basis`; None where it holds no image, or too few for an interval.

    after, before: of the answers, and of the most probable class on the same images.
    highest, highest_between: of the most probable class on all images, whatever the basis.
    between, saved: 95 % intervals of `after` and of `before - after`.
    break_even: what handing one image on may cost until it no longer pays: what the most probable class
        costs on those handed on; None where none is.
    """

    basis: Basis
    after: float | None
    before: float | None
    highest: float
    between: intervals.Interval | None
    highest_between: intervals.Interval | None
    saved: intervals.Interval | None
    break_even: float | None

    def to_dict(self) -> dict[str, Any]:
        """The names that these figures have in JSON."""
        return {
            "expected_cost": self.after,
            "expected_cost_interval": self.between,
            "expected_cost_highest": self.before,
            "saved": self.saved,
            "cost_basis": self.basis,
            "break_even": self.break_even,
            "as_highest": {"expected_cost": self.highest, "interval": self.highest_between},
        }


def bill(
    true: Ints,
    answers: Ints,
    plainly: Ints,
    judge: Decision,
    *,
    groups: Sequence[object] | None = None,
) -> Bill:
    """The bill of `answers` (-1 = unknown) beside that of `plainly`, both (n_images,), by `judge`'s costs."""
    handed_on = answers == UNKNOWN
    basis: Basis = "answered" if handed_on.any() and not judge.unknown_cost else "all"
    counted = ~handed_on if basis == "answered" else np.ones(len(true), dtype=bool)
    after, before = per_image(true, answers, judge), per_image(true, plainly, judge)
    sample = _sample(true, groups, counted)
    return Bill(
        basis=basis,
        after=_per_1000(after[counted]),
        before=_per_1000(before[counted]),
        highest=float(1000 * before.mean()),
        between=_between(after[counted], sample, judge),
        highest_between=_between(before, _sample(true, groups, np.ones(len(true), dtype=bool)), judge),
        saved=_between((before - after)[counted], sample),
        break_even=float(before[handed_on].mean()) if handed_on.any() else None,
    )


def per_image(true: Ints, answers: Ints, judge: Decision) -> Floats:
    """What each answer costs, (n_images,); an unknown its price, or 0 where it has none."""
    known = answers != UNKNOWN
    costs = np.full(len(true), judge.unknown_cost or 0.0)
    costs[known] = judge.cost_matrix[true[known], answers[known]]
    return costs


def same_costs(one: Decision, other: Decision) -> bool:
    """Whether two rules are judged alike, so that their bills may be compared."""
    alike = one.classes == other.classes and (one.unknown_cost or 0) == (other.unknown_cost or 0)
    return alike and np.array_equal(one.cost_matrix, other.cost_matrix)


def _per_1000(costs: Floats) -> float | None:
    return float(1000 * costs.mean()) if len(costs) else None


def _sample(true: Ints, groups: Sequence[object] | None, counted: np.ndarray) -> intervals.Sample | None:
    """The counted images as the bootstrap sees them; None where they are too few."""
    codes = None
    if groups is not None and counted.any():
        codes = intervals.group_codes([groups[int(i)] for i in np.flatnonzero(counted)])
    kept = true[counted]
    sample = intervals.Sample(true=kept, predicted=kept, n_classes=int(true.max()) + 1, groups=codes)
    return None if len(kept) == 0 or sample.n_units < intervals.MIN_TOTAL else sample


def _between(
    costs: Floats, sample: intervals.Sample | None, judge: Decision | None = None
) -> intervals.Interval | None:
    """The interval of the mean, per 1,000; where nothing cost anything yet, up to what may still be met.

    For that the share of mistakes gets Wilson's interval, and each the mean cost of a mistake by the `judge`.
    """
    if sample is None:
        return None
    if judge is not None and not costs.any():
        matrix = judge.cost_matrix
        mistake = matrix[~np.eye(len(matrix), dtype=bool)].mean() if len(matrix) > 1 else 0.0
        return 0.0, float(1000 * mistake * intervals.wilson(0, sample.n_units)[1])
    return intervals.mean(1000 * costs, sample)
