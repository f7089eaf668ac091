"""Images to start with: two samples that need no network, and one that is downloaded.

Nothing heavy is imported before a sample is written.
"""

from dataclasses import dataclass
from pathlib import Path

from core import errors
from core import progress as progresses
from core.data.samples import cifar10, digits, drawn_animals


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One sample, as it is offered."""

    name: str
    title: str
    description: str
    needs_network: bool


_WRITERS = {"drawn-animals": drawn_animals, "digits": digits, "cifar10": cifar10}


def catalog() -> list[Sample]:
    """Return every sample, those that need no network first."""
    return [
        Sample(name=name, title=module.TITLE, description=module.DESCRIPTION, needs_network=module is cifar10)
        for name, module in _WRITERS.items()
    ]


def names() -> list[str]:
    """Return the names of the samples that need no network."""
    return [sample.name for sample in catalog() if not sample.needs_network]


def write(name: str, folder: Path, progress: progresses.Progress | None = None) -> None:
    """Write a sample's images into class folders below ``folder``.

    Raises:
        DatasetError: there is no such sample, or it could not be downloaded.
        WorkspaceError: the folder cannot be written.
    """
    if name not in _WRITERS:
        raise errors.DatasetError(
            f"There is no sample named '{name}'. The samples are {', '.join(_WRITERS)}: "
            "name one of them, or name a folder or a zip of your own images."
        )
    _WRITERS[name].write(folder, progress)
