"""What was added to a dataset after its beginning: further folders and uploads, corrections among them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.datasets import Dataset


@dataclass(frozen=True, kw_only=True)
class Addition:
    """One of a dataset's later parts, as far as its images are in use.

    called: what the person would call it. added: ISO 8601, UTC; "" where it was not noted down.
    counts: images per label. paths: of these images.
    """

    called: str
    added: str
    counts: dict[str, int]
    paths: Sequence[str]


def of(dataset: Dataset) -> list[Addition]:
    """The later parts that have images in use, oldest first."""
    found = []
    for part in dataset.source["parts"][1:]:
        rows = dataset.table[dataset.table["path"].str.startswith(part["prefix"])]
        if len(rows):
            counts = rows["label"].value_counts().sort_index()
            found.append(
                Addition(
                    called=part.get("given") or part["folder"],
                    added=part.get("added", ""),
                    counts={str(label): int(count) for label, count in counts.items()},
                    paths=rows["path"].tolist(),
                )
            )
    return found
