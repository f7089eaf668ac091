"""The next batch is fetched by a thread of its own while the network works on this one."""

import collections
import concurrent.futures
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

import torch
from torch import Tensor

Item = TypeVar("Item")
Fetched = TypeVar("Fetched")


def ahead(
    fetch: Callable[[Item], Fetched], items: Iterable[Item], device: torch.device
) -> Generator[Fetched]:
    """`fetch` of each of `items`, in order, at most one before it is asked for; close it when done.

    An error of `fetch` is raised in its turn.
    """
    waiting: collections.deque[concurrent.futures.Future[Fetched]] = collections.deque()
    with concurrent.futures.ThreadPoolExecutor(
        1, thread_name_prefix="ahead", initializer=_use, initargs=(device,)
    ) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(fetch, item))
                if len(waiting) > 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def pinned(values: Tensor, device: torch.device) -> Tensor:
    """`values` in memory from which a GPU copies by itself; as they are for any other device."""
    return values.pin_memory() if device.type == "cuda" else values


def _use(device: torch.device) -> None:
    """Pinned memory belongs to the GPU that a thread uses: without this, all would use the first."""
    if device.type == "cuda":
        torch.cuda.set_device(device)
