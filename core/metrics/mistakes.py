"""Which images went wrong, and how: tables of a run's answers, image by image."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core import runs
from core.metrics import decisions, scores

TOP = 3


def answers(predictions: runs.Predictions, rule: decisions.Decision) -> pd.DataFrame:
    """One row per image, in stored order.

    Columns: path, true, answer (labels; `decisions.unknown_label` where the rule hands on), probability (of
    the answer, of the most probable class for an unknown), probability_true, loss (nats, calibrated), right
    (bool).
    """
    shares = rule.probabilities(predictions.logits)
    chosen = rule.answer_shares(shares)
    every = np.arange(len(chosen))
    known = np.where(chosen == decisions.UNKNOWN, shares.argmax(axis=1), chosen)
    labels = np.array([*predictions.classes, decisions.unknown_label(predictions.classes)], dtype=object)
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
    predictions: runs.Predictions, rule: decisions.Decision, paths: Sequence[str], *, k: int = TOP
) -> dict[str, list[tuple[str, float]]]:
    """Path -> the `k` most probable classes of that image, with their calibrated probabilities."""
    wanted = set(paths)
    places = [i for i, path in enumerate(predictions.paths) if path in wanted]
    if not places:
        return {}
    shares = rule.probabilities(predictions.logits[places])  # (len(places), n_classes)
    order = np.argsort(-shares, axis=1, kind="stable")[:, :k]
    return {
        predictions.paths[place]: [(predictions.classes[c], float(shares[row, c])) for c in order[row]]
        for row, place in enumerate(places)
    }
