"""What the server imports before anybody needs it, and when.

Tables, charts and statistics are imported before the first visitor is answered, by one thread: the modules
of scipy import one another, and two threads that begin at different ends meet half of one (seen: a traceback
out of `scipy.stats`). torch, which takes seconds, only follows when the first page has been painted.
`gc.freeze` then keeps all those modules out of the collection that Streamlit runs after every script
(78-260 ms without it).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import threading
from collections.abc import AsyncIterator
from typing import Any

from core import memory

_PAUSE = 1.5  # seconds after the first paint: the browser fetches fonts and thumbnails in that time
_painted = threading.Event()  # one per process, set once: not a person's state


def painted() -> None:
    """A page has been drawn in full: the heavy imports may begin."""
    _painted.set()


@contextlib.asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Import what every page needs, then let the background thread wait for the first paint."""
    memory.share_arenas()
    load("pandas", "pyarrow", "plotly.graph_objects", "plotly.io", "sklearn.datasets")
    threading.Thread(target=_after_first_paint, name="warm-up", daemon=True).start()
    yield


def load(*modules: str) -> None:
    """Import modules and take everything that lives now out of the garbage collector's sight."""
    for module in modules:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()


def _after_first_paint() -> None:
    _painted.wait()
    threading.Event().wait(_PAUSE)
    load("torch", "torchvision", "core.inference.predictor")
