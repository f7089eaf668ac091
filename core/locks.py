"""Locks between processes: taken, and looked at without being taken.

A lock goes with the process that holds it, however that ends. `core.workspace` hands these on.
"""

import errno
import random
import time
from pathlib import Path

import filelock

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOOKS = 5
"""How often a lock is looked at where every look takes it for a moment."""


def lock(path: Path, *, timeout: float = -1) -> filelock.FileLock:
    """A lock between processes on `path`; `timeout` in seconds, below 0 waits for ever, 0 not at all.

    Any thread may release it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return filelock.FileLock(path, timeout=timeout, thread_local=False)


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock on `path`; any number may look at once."""
    try:
        with open(path, "rb") as file:
            return _is_taken(file.fileno())
    except FileNotFoundError:
        return False
    except (OSError, AttributeError):  # no flock on this system, or on this disk
        return not any(_taken_and_released(path) for _ in range(LOOKS))


def _is_taken(handle: int) -> bool:
    """Whether somebody holds the lock that filelock takes on a file (flock's): a shared one beside it is
    then refused, and does not disturb the looks of others.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return True
        raise
    return False  # closing the file gives the lock back


def _taken_and_released(path: Path) -> bool:
    """Whether the lock could be had. Looks of this kind get in each other's way: hence several of them."""
    probe = filelock.FileLock(path, timeout=0)
    try:
        probe.acquire()
    except filelock.Timeout:
        time.sleep(random.uniform(0.001, 0.01))
        return False
    probe.release()
    return True
