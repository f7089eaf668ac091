"""Images that a person, too, could not tell apart, so that they need not count as mistakes for ever.

Known by their content and kept with the dataset, so that the next run sees them too. They change nothing in
the dataset, so they are no edits: `ambiguous.jsonl` beside them, append-only, one line for each time.
"""

from collections.abc import Sequence

from core import workspace
from core.data import datasets
from core.errors import NotFoundError

FILE = "ambiguous.jsonl"


def mark(name: str, hashes: Sequence[str], *, ambiguous: bool = True) -> None:
    """Remember that the images with these SHA-256 really are ambiguous, or that they are not.

    Raises:
        NotFoundError: there is no such dataset.
    """
    if not datasets.exists(name):
        raise NotFoundError(f"There is no dataset {name!r} to keep this with.")
    line = {"sha256": list(hashes), "ambiguous": ambiguous}
    workspace.append_line(workspace.dataset_folder(name) / FILE, line)


def marked(name: str) -> set[str]:
    """The SHA-256 of the images that are marked; a later line wins."""
    found: set[str] = set()
    for line in workspace.read_lines(workspace.dataset_folder(name) / FILE):
        found = found | set(line["sha256"]) if line["ambiguous"] else found - set(line["sha256"])
    return found
