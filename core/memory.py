"""How much memory this process has held at most, and how the C library keeps what was freed (glibc only)."""

import ctypes
import functools
import re
import sys
from pathlib import Path

ARENAS = 2
_M_ARENA_MAX = -8  # of glibc's malloc.h
_STATUS = Path("/proc/self/status")


def peak_bytes() -> int:
    """The most that has lain in memory since this program began; 0 where the system does not say.

    On Linux not getrusage's figure: a child's begins with what its parent held when it was started.
    """
    if _STATUS.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text())
        return int(found[1]) * 1024 if found else 0
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def share_arenas() -> bool:
    """Have all threads that are still to come allocate from the same two arenas; whether that was possible.

    Otherwise each thread gets one of its own, up to eight for each core, and each keeps what it once
    needed: a server, which meets every visitor with new threads, grew by 600 MiB over 1,000 images brought
    to a page, and does not grow with two. To be called before there are many threads.
    """
    library = _c_library()
    return library is not None and bool(library.mallopt(_M_ARENA_MAX, ARENAS))


def give_back() -> None:
    """Return freed memory to the system, which the C library would keep."""
    library = _c_library()
    if library is not None:
        library.malloc_trim(0)


@functools.cache
def _c_library() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
