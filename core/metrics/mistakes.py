"""Which images went wrong, and how: tables of a run's answers, image by image."""

import numpy as np
import pandas as pd

from core import runs, workspace
from core.metrics import decisions, scores

AMBIGUOUS = "ambiguous.jsonl"


def answers(predictions: runs.Predictions, rule: decisions.Decision) -> pd.DataFrame:
    """One row per image, in stored order.

    Columns: path, true, answer (labels; "unknown" where the rule says so), probability (of the answer, of the
    most probable class for an unknown), probability_true, loss (nats, calibrated), right (bool).
    """
    shares = rule.probabilities(predictions.logits)
    chosen = rule.answer_shares(shares)
    every = np.arange(len(chosen))
    known = np.where(chosen == decisions.UNKNOWN, shares.argmax(axis=1), chosen)
    labels = np.array([*predictions.classes, "unknown"], dtype=object)
    return pd.DataFrame(
        {
            "path": predictions.paths,
            "true": labels[predictions.true],
            "answer": labels[chosen],
            "probability": shares[every, known],
            "probability_true": shares[every, predictions.true],
            "loss": scores.losses(predictions.true, predictions.logits, rule.temperature),
            "right": chosen == predictions.true,
        }
    )


def worst_first(table: pd.DataFrame, *, limit: int | None = None) -> pd.DataFrame:
    """The rows of `answers` that are wrong, by loss, largest first."""
    wrong = table[~table["right"]].sort_values(["loss", "path"], ascending=[False, True])
    return wrong if limit is None else wrong.head(limit)


def cell(table: pd.DataFrame, *, true: str | None = None, answer: str | None = None) -> pd.DataFrame:
    """The rows of one confusion cell (or row, or column), the most confident first."""
    chosen = pd.Series(True, index=table.index)
    if true is not None:
        chosen &= table["true"] == true
    if answer is not None:
        chosen &= table["answer"] == answer
    return table[chosen].sort_values(["probability", "path"], ascending=[False, True])


def top_classes(
    predictions: runs.Predictions, rule: decisions.Decision, path: str, *, k: int = 3
) -> list[tuple[str, float]]:
    """The `k` most probable classes of one image, with their calibrated probabilities."""
    place = predictions.paths.index(path)
    shares = rule.probabilities(predictions.logits[[place]])[0]
    return [(predictions.classes[i], float(shares[i])) for i in np.argsort(-shares, kind="stable")[:k]]


def mark_ambiguous(run: runs.Run, paths: list[str]) -> None:
    """Note that a person, too, could not tell what these images show; kept with the run."""
    workspace.append_line(run.folder / AMBIGUOUS, {"paths": paths})


def ambiguous(run: runs.Run) -> set[str]:
    """The images that were marked as ambiguous."""
    return {path for entry in workspace.read_lines(run.folder / AMBIGUOUS) for path in entry["paths"]}
