"""Looking at paths that people name: what cannot be looked at is not there, instead of an error.

`Path.is_dir` and the like raise where a folder may not be entered, a mount is dead or a name is too long.
"""

from pathlib import Path


def is_dir(path: Path) -> bool:
    """Whether a folder is there that can be looked at."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether a file is there that can be looked at."""
    try:
        return path.is_file()
    except OSError:
        return False


def exists(path: Path) -> bool:
    """Whether anything is there that can be looked at."""
    try:
        return path.exists()
    except OSError:
        return False


def expanded(path: str | Path) -> Path:
    """The path with `~` and `~name` as the home folders that they mean, where there are such."""
    try:
        return Path(path).expanduser()
    except RuntimeError:  # there is no such user
        return Path(path)
