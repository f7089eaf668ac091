"""The confusion matrix in a line of history: whole for few classes, only the cells that count for many."""

from collections.abc import Sequence
from typing import Any

WHOLE, CELLS = "validation_confusion", "validation_confusion_cells"
MOST_CLASSES = 50
"""Up to so many classes the matrix is kept whole."""


def pack(line: dict[str, Any]) -> None:
    """Replace a large matrix in `line` by its cells [true, answer, images]."""
    counts: list[list[int]] = line[WHOLE]
    if len(counts) > MOST_CLASSES:
        del line[WHOLE]
        line[CELLS] = [[i, j, n] for i, row in enumerate(counts) for j, n in enumerate(row) if n]


def of(line: dict[str, Any], classes: Sequence[str]) -> list[list[int]] | None:
    """The matrix of a line, row = true, column = answer; None where the line has none."""
    if line.get(WHOLE):
        whole: list[list[int]] = line[WHOLE]
        return whole
    if line.get(CELLS) is None:
        return None
    counts = [[0] * len(classes) for _ in classes]
    for true, answer, images in line[CELLS]:
        counts[true][answer] = images
    return counts
