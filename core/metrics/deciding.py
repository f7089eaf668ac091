"""Choosing a run's decision rule: calibrated on validation, judged on validation, kept with the run."""

from typing import Any

from core import runs
from core.metrics import costs, decisions, store, temperature
from core.metrics.plain import plain


def rule(
    run: runs.Run,
    *,
    costs: tuple[tuple[float, ...], ...] | None = None,
    by_costs: bool | None = None,
    label: str | None = None,
    threshold: float | None = None,
    unknown_below: float | None = None,
    unknown_cost: float | None = None,
) -> decisions.Decision:
    """A rule with probabilities calibrated on the run's validation images: by threshold, by costs, or plain.

    costs:    what mistakes cost. They judge the rule, and decide the answers too where `by_costs` says so; by
              default where there is no threshold.

    Raises:
        MetricsError: a value is out of range, or does not fit the run's classes.
    """
    by_costs = (costs is not None and label is None) if by_costs is None else by_costs
    kind: decisions.Kind = "threshold" if label is not None else "cost" if by_costs else "highest"
    return decisions.Decision(
        classes=tuple(run.classes()),
        kind=kind,
        temperature=temperature.fitted(run),
        costs=costs,
        label=label,
        threshold=threshold,
        unknown_below=unknown_below,
        unknown_cost=unknown_cost,
    )


def decide(run: runs.Run, chosen: decisions.Decision) -> dict[str, Any]:
    """Keep the rule with the run and say what it changes on validation: what `decide --json` prints.

    Raises:
        MetricsError: the rule does not fit the run.
        TrainingError: the run has no validation predictions to judge it by.
    """
    validation = run.predictions("validation")
    effect = costs.effect(validation, chosen, groups=store.groups_of(run, validation.paths))
    decisions.save(run, chosen)
    return plain(
        {
            "run": run.id,
            "subset": "validation",
            "n_images": len(validation.true),
            "decision": chosen.to_dict() | {"words": chosen.describe()},
        }
        | effect.bill.to_dict()
        | {
            "accuracy_before": effect.accuracy_before,
            "accuracy_after": effect.accuracy_after,
            "coverage": effect.coverage,
            "table": effect.table,
        }
    )


def words(found: dict[str, Any]) -> str:
    """What `decide` prints for a person."""
    lines = [f"Run {found['run']} now answers by {found['decision']['words']}.", *said_of_costs(found)]
    lines[1] += f" {100 * found['coverage']:.1f} % answered."
    for row in found["table"]:
        before, after = row["recall_before"], row["recall_after"]
        if before is not None and before != after:
            lines.append(f"'{row['label']}': {100 * before:.1f} % found before, {100 * after:.1f} % after.")
    return "\n".join(lines)


def said_of_costs(found: dict[str, Any]) -> list[str]:
    """A bill (`bills.Bill.to_dict`) in sentences; one without a price for handing on says so."""
    if found["expected_cost"] is None:
        return ["Not one image is answered, and handing on has no price: there is nothing to be counted."]
    priced = found["cost_basis"] == "all"
    what = "images" if priced else "answered images"
    span, same = _between(found["expected_cost_interval"]), "" if priced else " on the same ones"
    lines = [
        f"Costs per 1,000 {what}: {found['expected_cost']:.1f}{span}; "
        f"the most probable class: {found['expected_cost_highest']:.1f}{same}."
    ]
    if found["break_even"] is not None:
        lines.append(
            ("" if priced else "Handing on has no price here, and saves nothing by itself. ")
            + f"It pays while an image costs less than {found['break_even']:.3g} to hand on."
        )
    return lines


def _between(pair: list[float] | None) -> str:
    return "" if pair is None else f" (95 %: {pair[0]:.1f} to {pair[1]:.1f})"
