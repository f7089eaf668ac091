"""The lesson's warning, worked through: where 1 % of scans show a cancer, 99 % accuracy can be worthless.

The case is made by formula, without chance: the evidence of the scans with and without a cancer lies at
evenly spaced quantiles of two normal distributions that are `APART` deviations from each other, and the
model's logits are the true log odds. No model could know more; only the decision rule can be better or worse.
"""

import dataclasses

import numpy as np
from scipy import special

from core import runs
from core.metrics import bills, decisions

CLASSES = ["clear", "cancer"]
SCANS, SICK = 10_000, 100
APART = 2.5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Told:
    """What a rule makes of the planted scans: found of SICK, false alarms of the others, accuracy, costs."""

    found: int
    false_alarms: int
    accuracy: float
    cost: float


def case() -> runs.Predictions:
    """The planted scans with their true log odds: (SCANS, 2) logits."""
    clear = special.ndtri((np.arange(SCANS - SICK) + 0.5) / (SCANS - SICK))
    sick = APART + special.ndtri((np.arange(SICK) + 0.5) / SICK)
    evidence = np.r_[clear, sick]
    log_odds = special.logit(SICK / SCANS) + APART * evidence - APART**2 / 2
    return runs.Predictions(
        classes=CLASSES,
        paths=[f"scan-{k:05d}" for k in range(SCANS)],
        true=np.r_[np.zeros(SCANS - SICK, np.int64), np.ones(SICK, np.int64)],
        logits=np.stack([np.zeros(SCANS), log_odds], axis=1),
        subset="validation",
    )


def tell(times: float) -> tuple[Told, Told, Told]:
    """Never saying cancer, the most probable class, and least expected cost, where a miss is `times` as bad.

    Costs are those of all SCANS scans, a false alarm counting 1.
    """
    scans = case()
    table = decisions.worse_miss(CLASSES, "cancer", times)
    rule = decisions.Decision(classes=tuple(CLASSES), kind="cost", costs=table)
    plain = scans.logits.argmax(axis=1)
    never, least = np.zeros_like(plain), rule.answer(scans.logits)
    return _told(scans, never, rule), _told(scans, plain, rule), _told(scans, least, rule)


def _told(scans: runs.Predictions, answers: np.ndarray, rule: decisions.Decision) -> Told:
    called, sick = answers == 1, scans.true == 1
    return Told(
        found=int((called & sick).sum()),
        false_alarms=int((called & ~sick).sum()),
        accuracy=float((answers == scans.true).mean()),
        cost=float(bills.per_image(scans.true, answers, rule).sum()),
    )
