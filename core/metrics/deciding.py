"""Choosing a run's decision rule: calibrated on validation, judged on validation, kept with the run."""

import dataclasses
from typing import Any

from core import runs
from core.metrics import calibration, costs, decisions, store, summary


def rule(
    run: runs.Run,
    *,
    costs: tuple[tuple[float, ...], ...] | None = None,
    label: str | None = None,
    threshold: float | None = None,
    unknown_below: float | None = None,
    unknown_cost: float | None = None,
    temperature: float | None = None,
) -> decisions.Decision:
    """A rule with probabilities calibrated on the run's validation images: by costs, by threshold, or plain.

    temperature: where it has been fitted before.

    Raises:
        MetricsError: a value is out of range, or does not fit the run's classes.
        TrainingError: the run has no validation predictions to calibrate on.
    """
    if temperature is None:
        validation = run.predictions("validation")
        temperature = calibration.fit_temperature(validation.true, validation.logits)
    kind: decisions.Kind = "cost" if costs is not None else "threshold" if label is not None else "highest"
    return decisions.Decision(
        classes=tuple(run.classes()),
        kind=kind,
        temperature=temperature,
        costs=costs,
        label=label,
        threshold=threshold,
        unknown_below=unknown_below,
        unknown_cost=unknown_cost,
    )


def decide(run: runs.Run, chosen: decisions.Decision) -> dict[str, Any]:
    """Keep the rule with the run and say what it changes on validation: what `decide --json` prints."""
    validation = run.predictions("validation")
    effect = costs.effect(validation, chosen, groups=store.groups_of(run, validation.paths))
    decisions.save(run, chosen)
    found = dataclasses.asdict(effect)
    return summary.plain(
        {
            "run": run.id,
            "subset": "validation",
            "n_images": len(validation.true),
            "decision": chosen.to_dict() | {"words": chosen.describe()},
            "expected_cost": found.pop("cost_after"),
            "expected_cost_highest": found.pop("cost_before"),
        }
        | found
    )


def words(found: dict[str, Any]) -> str:
    """What `decide` prints for a person."""
    lines = [
        f"Run {found['run']} now answers by {found['decision']['words']}.",
        f"Costs per 1,000 validation images: {found['expected_cost_highest']:.1f} before, "
        f"{found['expected_cost']:.1f} after; {found['coverage']:.1%} answered.",
    ]
    for row in found["table"]:
        before, after = row["recall_before"], row["recall_after"]
        if before is not None and before != after:
            lines.append(f"'{row['label']}': {before:.1%} found before, {after:.1%} after.")
    return "\n".join(lines)
