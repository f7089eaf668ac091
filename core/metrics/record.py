"""Everything that is known of a run's quality, as one JSON object to keep or to feed to another program."""

from typing import Any

from core import runs
from core.metrics import decisions, mistakes, openings, previous, store
from core.metrics.plain import plain
from core.metrics.report import facts


def everything(run: runs.Run) -> dict[str, Any]:
    """Settings, figures, rule, openings, training history and every validation answer.

    The test figures are in it only if the test result has been opened before under the rule in force; this is
    no opening.

    Raises:
        TrainingError: the run has no validation predictions.
        MetricsError: they cannot be scored.
    """
    times = openings.history(run)
    rule = decisions.load(run)
    answers = mistakes.answers(run.predictions("validation"), rule)
    opened = bool(openings.under_rule(run))
    return plain(
        {
            "run": run.id,
            "name": facts.name(run),
            "settings": facts.settings(run),
            "validation": store.figures(run),
            "test": store.figures(run, "test") | {"openings": len(times)} if opened else None,
            "openings": times,
            "openings_in_words": openings.said(run),
            "previous": previous.compared(run),
            "decision": rule.to_dict(),
            "history": run.history(),
            "answers": answers.to_dict("records"),
        }
    )
