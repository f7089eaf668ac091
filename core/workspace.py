"""The workspace: the folder on disk that holds datasets, splits, runs and caches.

Everything in it is a plain file in a standard format. A write either replaces a whole file or appends
one whole line, so that a killed process or a second reader never meets half of anything.
"""

import contextlib
import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import filelock

from core import locks
from core.errors import NotFoundError, WorkspaceError
from core.locks import is_locked as is_locked

VARIABLE = "FIELDGUIDE_HOME"
CHECKOUT = Path(__file__).resolve().parent.parent
_NOT_ALLOWED = (
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT, errno.ENAMETOOLONG,
)  # fmt: skip
_NAME = re.compile(r"\w[\w.\- ]{0,62}\w|\w", re.UNICODE)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def home() -> Path:
    """The workspace, absolute: `FIELDGUIDE_HOME`, or `workspace/` in the checkout."""
    return Path(os.environ.get(VARIABLE) or CHECKOUT / "workspace").expanduser().resolve()


def check_name(name: str, what: str = "dataset") -> str:
    """Return `name` if it may name a `what` and a file on every system.

    Raises:
        WorkspaceError: it is empty, too long, or holds what a file name should not.
    """
    if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name) or ".." in name:
        raise WorkspaceError(
            f"{name!r} cannot name a {what}: use 1 to 64 letters, digits, spaces, '.', '-' or '_', "
            "beginning and ending with a letter or a digit."
        )
    return name


def folder(*parts: str) -> Path:
    """A folder of the workspace, made if it is not there."""
    path = home().joinpath(*parts)
    with _explained(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


def dataset_folder(name: str) -> Path:
    """Where dataset `name` lies, whether or not it exists."""
    return home() / "datasets" / check_name(name)


def split_file(name: str, suffix: str) -> Path:
    """Where split `name` keeps its `.json` or `.parquet` file, whether or not it exists."""
    return home() / "splits" / f"{check_name(name, 'split')}{suffix}"


def run_folder(run_id: str) -> Path:
    """Where run `run_id` lies, whether or not it exists."""
    return home() / "runs" / check_name(run_id, "run")


def cache_folder(kind: str) -> Path:
    """A folder for what can be computed again, safe to delete at any time."""
    return folder("cache", kind)


def weights_folder() -> Path:
    """Where an administrator puts files of pretrained weights."""
    return home() / "weights"


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, whole or not at all.

    Raises:
        WorkspaceError: the disk is full, or the folder cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file beside `path` to write to; it takes the place of `path` on success.

    Raises:
        WorkspaceError: the disk is full, or the folder cannot be written.
        NotFoundError: `path` belongs to a dataset or run that is gone.
    """
    with _explained(path):
        _make_room(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            _flush(temporary)
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Replace `path` by `value` as JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    write_bytes(path, (text + "\n").encode())


def read_json(path: Path) -> Any:
    """Read a JSON file of the workspace.

    Raises:
        NotFoundError: there is no such file.
        WorkspaceError: it is not JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise NotFoundError(f"There is no {path.name} in {path.parent.name}.") from None
    except ValueError as error:
        raise WorkspaceError(f"{path} is damaged ({error}). Restore or delete it.") from None


def write_table(path: Path, table: Any) -> None:
    """Replace `path` by a pandas table, as Parquet."""
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False)


def read_table(path: Path) -> Any:
    """Read a Parquet file of the workspace as a pandas table.

    Raises:
        NotFoundError: there is no such file.
        WorkspaceError: it is not Parquet.
    """
    import pandas as pd
    import pyarrow as pa

    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise NotFoundError(f"There is no {path.name} in {path.parent.name}.") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise WorkspaceError(f"{path} is damaged ({error}). Restore or delete it.") from None


def append_line(path: Path, value: Any, *, sync: bool = False) -> None:
    """Append `value` as one JSON line, in one write, so that readers never see half of it.

    A line that a killed writer left torn is closed first, so that it spoils only itself. With `sync` the
    line lies on the disk itself when this returns, and outlives a loss of power.
    """
    append_lines(path, [value], sync=sync)


def append_lines(path: Path, values: Iterable[Any], *, sync: bool = False) -> None:
    """Append each of `values` as a JSON line, all in one write: as `append_line`, but quicker."""
    lines = b"".join(_line(value) for value in values)
    with _explained(path):
        _make_room(path)
        is_new = not path.exists()
        with open(path, "a+b", buffering=0) as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                lines = lines if file.read(1) == b"\n" else b"\n" + lines
            if file.write(lines) != len(lines):  # an unbuffered file takes what fits, and says so
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if sync:
                os.fsync(file.fileno())
        if sync and is_new and os.name == "posix":
            _flush(path.parent)  # the file's name too


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The JSON lines of a file, oldest first; lines torn by a killed writer are left out."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    values = []
    for line in lines:
        with contextlib.suppress(ValueError):
            values.append(json.loads(line))
    return values


def lock(path: Path, *, timeout: float = -1) -> filelock.FileLock:
    """A lock between processes on `path`, as `locks.lock`.

    Raises:
        WorkspaceError: the workspace cannot be written.
    """
    with _explained(path):
        _make_room(path)
        path.touch()
    return locks.lock(path, timeout=timeout)


def free_bytes() -> int:
    """Bytes that the workspace's disk can still take."""
    return shutil.disk_usage(folder()).free


def _make_room(path: Path) -> None:
    """Make the folder of `path`, but never that of a dataset or run itself.

    A page that is a moment late (a thumbnail of a dataset just deleted) would bring back an empty one, whose
    name nobody could use again.
    """
    for kind in ("datasets", "runs"):
        parent = home() / kind
        if parent in path.parent.parents:
            owner = path.relative_to(parent).parts[0]
            below = path.parent.relative_to(parent / owner)
            if not (parent / owner).is_dir():
                raise NotFoundError(f"{owner!r} is no longer among the {kind}: deleted or renamed meanwhile.")
            for number in range(1, len(below.parts) + 1):
                (parent / owner).joinpath(*below.parts[:number]).mkdir(exist_ok=True)
            return
    path.parent.mkdir(parents=True, exist_ok=True)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _flush(path: Path) -> None:
    """Have the disk itself take what was written to a file, or a folder's list of names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise WorkspaceError(
                f"The disk of the workspace is full: {path} could not be written. Free some space "
                f"(the folder {home() / 'cache'} may be deleted at any time) and try again."
            ) from error
        if error.errno in _NOT_ALLOWED:
            raise WorkspaceError(
                f"{path} could not be written: {error.strerror}. Choose a workspace that you may "
                f"write to with {VARIABLE}."
            ) from error
        raise
