"""Labels that a person looked at and found right, so that nobody is asked twice.

They change nothing in the dataset, so they are no edits: `confirmed.jsonl` beside them.
"""

from collections.abc import Sequence

from core import workspace
from core.data import datasets

FILE = "confirmed.jsonl"


def add(name: str, paths: Sequence[str]) -> None:
    """Remember that these images bear the right label, as they bear it now.

    Raises:
        NotFoundError: there is no such dataset.
    """
    dataset = datasets.load(name)
    labels = dataset.table.set_index("path")["label"]
    known = {path: str(labels[path]) for path in paths if path in labels.index}
    workspace.append_line(dataset.folder / FILE, {"labels": known})


def labels(name: str) -> dict[str, str]:
    """Path to the label that was found right; a later look wins."""
    found: dict[str, str] = {}
    for line in workspace.read_lines(workspace.dataset_folder(name) / FILE):
        found |= line["labels"]
    return found
