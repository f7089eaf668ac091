"""A process that measures image files: one JSON path per line in, one JSON answer per line out.

The first line out says that it is ready.

It is a process of its own so that a file which crashes or stalls the decoder, or eats memory, costs one
answer and not the server. Started with `python -m core.data.index_worker`; ends when its input ends.
"""

import json
import sys
import warnings
from pathlib import Path

from core.data import measure
from core.errors import FileError, ImageError

MEMORY = 4 * 2**30  # bytes of address space; a file that needs more is set aside


def answer(path: str) -> dict[str, object]:
    """The measurements of a file, or why it was set aside, and whether that may pass."""
    try:
        return measure.encode(measure.measure(Path(path)))
    except FileError as error:
        return {"reason": str(error), "passing": True}
    except ImageError as error:
        return {"reason": str(error)}
    except MemoryError:
        return {"reason": "it needs more memory than one image may take: scale it down"}
    except Exception as error:  # the other files must go on; the reason names the fault for a bug report
        return {"reason": f"it could not be measured ({type(error).__name__}: {error})"[:200]}


def limit_memory() -> None:
    """Let the system refuse memory beyond the limit, where it can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def say(words: dict[str, object]) -> None:
    """Write one line, at once."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer every line of standard input."""
    limit_memory()
    warnings.simplefilter("ignore")
    say({"ready": True})
    for line in sys.stdin:
        say(answer(json.loads(line)))


if __name__ == "__main__":
    main()
