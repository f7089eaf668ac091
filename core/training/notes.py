"""What people say about a run: its name, tags and note, and whether it is put away.

Kept beside the run, in notes.json. `config.json` stays as the run was launched; a name, tags or a note given
at launch count until they are changed here.
"""

import dataclasses
import datetime
from typing import Any

from core import runs, workspace
from core.errors import ConfigError, NotFoundError

FILE = "notes.json"
LONGEST_NAME, LONGEST_TAG, MOST_TAGS, LONGEST_NOTE = 80, 30, 12, 4000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Notes:
    """A person's words about a run; an empty `name` means that it has none.

    Raises:
        ConfigError: something is too long, or there are too many tags.
    """

    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    archived: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", " ".join(self.name.split()))
        tags = (" ".join(tag.split()) for tag in self.tags)
        object.__setattr__(self, "tags", tuple(dict.fromkeys(tag for tag in tags if tag)))
        _check_length("name", self.name, LONGEST_NAME)
        _check_length("note", self.note, LONGEST_NOTE)
        for tag in self.tags:
            _check_length("tag", tag, LONGEST_TAG)
        if len(self.tags) > MOST_TAGS:
            raise ConfigError(
                f"A run may carry {MOST_TAGS} tags; these are {len(self.tags)}. Leave some out."
            )


def read(run: runs.Run, config: dict[str, Any] | None = None) -> Notes:
    """What is said about `run`; `config` spares reading its configuration again.

    What is too long is cut here: a run that was made before it was refused must not close a page.
    """
    try:
        said = workspace.read_json(run.folder / FILE)
    except NotFoundError:
        said = config if config is not None else run.config()
    return Notes(
        name=(said.get("name") or "")[:LONGEST_NAME],
        tags=tuple(tag[:LONGEST_TAG] for tag in (said.get("tags") or ())[:MOST_TAGS]),
        note=(said.get("note") or "")[:LONGEST_NOTE],
        archived=bool(said.get("archived")),
    )


def title(run: runs.Run, config: dict[str, Any] | None = None) -> str:
    """What the person called the run, or else how and when, to the second, it was made."""
    config = config or run.config()
    kind = "Quick" if config.get("mode") == "quick" else "Full"
    when = datetime.datetime.fromisoformat(config["created"])
    return read(run, config).name or f"{kind} run of {when:%-d %b, %H:%M:%S}"


def write(run: runs.Run, notes: Notes) -> None:
    """Keep `notes` with the run, in place of what was said before."""
    workspace.write_json(run.folder / FILE, dataclasses.asdict(notes) | {"tags": list(notes.tags)})


def bytes_held(run: runs.Run) -> int:
    """What the run's folder takes on the disk: what deleting it gives back."""
    return sum(path.stat().st_size for path in run.folder.rglob("*") if path.is_file())


def _check_length(what: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise ConfigError(f"The {what} has {len(text)} characters; up to {longest} are kept. Shorten it.")
