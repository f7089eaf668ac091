"""How readily a run says "I don't know": the share of known images that may be turned away.

It lies in the run's folder, so that pages, command line, HTTP and bundle draw the line at one place.
"""

from core import runs, workspace
from core.errors import ConfigError, NotFoundError

DEFAULT = 0.05
MOST = 0.5
FILE = "unknown.json"


def load(run: runs.Run) -> float:
    """The share that a person chose for the run, in (0, 0.5]; 0.05 where nobody has."""
    try:
        return check(float(workspace.read_json(run.folder / FILE)["turn_away"]))
    except NotFoundError:
        return DEFAULT
    except (KeyError, TypeError, ValueError):
        raise ConfigError(
            f"{run.folder / FILE} holds no share; choose it again, or delete the file."
        ) from None


def save(run: runs.Run, share: float) -> None:
    """Keep the share with the run, for everything that answers.

    Raises:
        ConfigError: it is out of range.
    """
    workspace.write_json(run.folder / FILE, {"turn_away": check(share)})


def check(share: float) -> float:
    """Return `share` if that part of the known images may be turned away.

    Raises:
        ConfigError: it may not.
    """
    if not 0 < share <= MOST:
        raise ConfigError(f"{share} of the known images cannot be turned away: choose above 0, up to {MOST}.")
    return share
