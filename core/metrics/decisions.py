"""What turns probabilities into an answer: the run's decision rule, and what its mistakes cost.

`decision.json` of a run is `Decision.to_dict()`: kind, classes, temperature, and what the kind needs. A run
without one answers with the most probable class, calibrated on its validation images. Everything that answers
(the pages, batch, export) reads the rule with `load` and asks `Decision.answer`.
"""

import dataclasses
import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np

from core import runs, workspace
from core.errors import MetricsError, NotFoundError
from core.metrics import scores, temperature
from core.metrics.scores import Floats, Ints

Kind = Literal["highest", "cost", "threshold"]
UNKNOWN = -1
FILE = "decision.json"
TIE = 1e-9
"""Answers whose expected costs differ by less than this share of the largest cost are equally good."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Decision:
    """How a run answers.

    kind:          "highest" probability, least expected "cost", or a "threshold" for one class.
    temperature:   logits are divided by it before the softmax; above 0.
    costs:         row = true, column = answer, 0 or more, any unit: what a mistake costs (without it 1 each).
                   They judge a rule of any kind; a "cost" rule also answers by them.
    label, threshold: answer `label` from that probability on, else the most probable other class.
    unknown_below: answer "unknown" where the highest probability is below this, in [0, 1].
    unknown_cost:  what handing an image to a person costs; under "cost" it is an answer like any other.
                   Without it (or with 0) handing on has no price: "cost" never chooses it.

    Raises:
        MetricsError: a field is missing for the kind, or out of range.
    """

    classes: tuple[str, ...]
    kind: Kind = "highest"
    temperature: float = 1.0
    costs: tuple[tuple[float, ...], ...] | None = None
    label: str | None = None
    threshold: float | None = None
    unknown_below: float | None = None
    unknown_cost: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            kinds = ", ".join(get_args(Kind))
            raise MetricsError(f"The decision rule {self.kind!r} is not known; choose one of {kinds}.")
        if not 0 < self.temperature < math.inf:
            raise MetricsError(f"The temperature is {self.temperature}; a number above 0 is accepted.")
        for name in ("threshold", "unknown_below"):
            _check_share(name, getattr(self, name))
        if self.unknown_cost is not None and not 0 <= self.unknown_cost < math.inf:
            raise MetricsError(f"Handing an image on costs {self.unknown_cost}; 0 or more is accepted.")
        if self.costs is not None:
            check_costs(np.array(self.costs, dtype=np.float64), len(self.classes))
        self._check_kind()

    def _check_kind(self) -> None:
        if self.kind == "cost" and self.costs is None:
            raise MetricsError("A rule of least expected cost needs a cost matrix; give one.")
        if self.kind == "threshold":
            if self.threshold is None or self.label is None:
                raise MetricsError("A threshold rule needs a class and a probability; give both.")
            if self.label not in self.classes:
                raise MetricsError(_no_class(self.label, self.classes))
            if len(self.classes) < 2:
                raise MetricsError("A threshold needs a second class to fall back on; there is only one.")

    @property
    def priced(self) -> bool:
        """Whether somebody has said what mistakes or handing on cost; before that a bill would be made up."""
        return self.costs is not None or self.unknown_cost is not None

    @property
    def cost_matrix(self) -> Floats:
        """(n_classes, n_classes), row = true, column = answer; 1 for every mistake unless costs are given."""
        n = len(self.classes)
        return 1 - np.eye(n) if self.costs is None else np.array(self.costs, dtype=np.float64)

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated probabilities (n_images, n_classes) for logits of that shape."""
        return scores.probabilities(np.asarray(logits, dtype=np.float64), self.temperature)

    def answer(self, logits: Floats) -> Ints:
        """Class indices, or -1 for "unknown", (n_images,), for logits (n_images, n_classes)."""
        return self.answer_shares(self.probabilities(logits))

    def answer_shares(self, shares: Floats) -> Ints:
        """`answer` for probabilities that are already calibrated, (n_images, n_classes)."""
        answers = getattr(self, f"_by_{self.kind}")(shares)
        if self.unknown_below is not None:
            answers = np.where(shares.max(axis=1) < self.unknown_below, UNKNOWN, answers)
        return answers.astype(np.int64)

    def _by_highest(self, shares: Floats) -> Ints:
        return shares.argmax(axis=1)

    def _by_threshold(self, shares: Floats) -> Ints:
        place = self.classes.index(str(self.label))
        others = shares.copy()
        others[:, place] = -1.0
        return np.where(shares[:, place] >= np.float64(self.threshold or 0.0), place, others.argmax(axis=1))

    def _by_cost(self, shares: Floats) -> Ints:
        costs = self.cost_matrix
        expected = shares @ costs  # (n_images, n_answers)
        least, slack = expected.min(axis=1), TIE * costs.max()
        tied = expected <= least[:, None] + slack
        answers = np.where(tied, shares, -1.0).argmax(axis=1)  # of equally good answers the most probable
        if not self.unknown_cost:
            return answers
        return np.where(least > self.unknown_cost + slack, UNKNOWN, answers)

    def highest(self) -> "Decision":
        """The most probable class, never "unknown", by the same costs: what a rule is compared with."""
        return dataclasses.replace(self, kind="highest", label=None, threshold=None, unknown_below=None)

    @property
    def key(self) -> str:
        """A short text that two rules share only if they are the same."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` reads them back."""
        values = dataclasses.asdict(self) | {"classes": list(self.classes)}
        return values | {"costs": None if self.costs is None else [list(row) for row in self.costs]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Decision":
        """Read what `to_dict` wrote; names that a later version added are left aside.

        Raises:
            MetricsError: it does not describe a rule.
        """
        try:
            known = {field.name for field in dataclasses.fields(cls)}
            chosen = {name: value for name, value in values.items() if name in known}
            if chosen.get("costs") is not None:
                chosen["costs"] = tuple(tuple(float(x) for x in row) for row in chosen["costs"])
            return cls(**chosen | {"classes": tuple(chosen["classes"])})
        except (AttributeError, TypeError, ValueError, KeyError) as error:
            raise MetricsError(f"The decision rule cannot be read ({error}); save it again.") from None

    def describe(self) -> str:
        """The rule in one short sentence."""
        words = {"highest": "the most probable class", "cost": "the answer of least expected cost"}
        text = words.get(self.kind) or f"'{self.label}' from a probability of {self.threshold:.10g} on"
        if self.costs is not None and self.kind != "cost":
            text += ", judged by its own costs"
        if self.unknown_below:
            text += f"; unknown below {self.unknown_below:.10g}"
        if self.unknown_cost and self.kind == "cost":
            text += f"; unknown where that costs more than {self.unknown_cost:g}"
        return text


def unknown_label(classes: Sequence[str]) -> str:
    """How tables and charts call an image that is handed on; never like one of the classes."""
    return "unknown" if "unknown" not in classes else "unknown (handed on)"


def check_costs(costs: Floats, n_classes: int) -> None:
    """Raise MetricsError unless `costs` is a finite (n_classes, n_classes) matrix of values 0 or more."""
    if costs.shape != (n_classes, n_classes):
        raise MetricsError(
            f"The cost matrix has shape {costs.shape}; with {n_classes} classes "
            f"({n_classes}, {n_classes}) is accepted."
        )
    if not np.isfinite(costs).all() or (costs < 0).any():
        raise MetricsError("A cost is negative or no number; give 0 or more for every truth and answer.")
    if n_classes > 1 and not costs[~np.eye(n_classes, dtype=bool)].any():
        raise MetricsError(
            "No mistake costs anything in this table, so that every answer would do; give at least one "
            "mistake a cost above 0."
        )


def _check_share(name: str, value: float | None) -> None:
    if value is not None and not 0 <= value <= 1:
        words = name.replace("_", " ").capitalize()
        raise MetricsError(f"{words} is {value}; a probability from 0 to 1 is accepted.")


def _no_class(label: str, classes: tuple[str, ...]) -> str:
    return f"There is no class {label!r}; the classes are {_some(classes)}."


def _some(labels: tuple[str, ...]) -> str:
    shown = ", ".join(labels[:5])
    return shown if len(labels) <= 5 else f"{shown} and {len(labels) - 5} more"


def worse_miss(classes: list[str], label: str, times: float) -> tuple[tuple[float, ...], ...]:
    """Costs under which taking `label` for another class is `times` as bad as any other mistake."""
    if label not in classes:
        raise MetricsError(_no_class(label, tuple(classes)))
    costs = 1 - np.eye(len(classes))
    costs[classes.index(label)] *= times
    return tuple(tuple(float(x) for x in row) for row in costs)


def default(run: runs.Run) -> Decision:
    """The rule of a run that has none saved: the most probable class, calibrated on its validation images."""
    return Decision(classes=tuple(run.classes()), temperature=temperature.fitted(run))


def load(run: runs.Run) -> Decision:
    """The run's rule: the saved one, or `default`.

    Raises:
        MetricsError: the saved rule cannot be read, or is for other classes than the run's.
    """
    try:
        values = workspace.read_json(run.folder / FILE)
    except NotFoundError:
        return default(run)
    rule = Decision.from_dict(values)
    _check_classes(run, rule)
    return rule


def save(run: runs.Run, decision: Decision) -> None:
    """Keep the rule with the run, for everything that answers.

    Raises:
        MetricsError: the rule was made for other classes than the run's.
    """
    _check_classes(run, decision)
    workspace.write_json(run.folder / FILE, decision.to_dict())


def _check_classes(run: runs.Run, decision: Decision) -> None:
    if list(decision.classes) != run.classes():
        raise MetricsError(
            f"The rule is for the classes {_some(decision.classes)}; run {run.id} knows "
            f"{_some(tuple(run.classes()))}. Choose a rule for this run with `decide`, or delete its {FILE}."
        )
