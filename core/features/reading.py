"""Decoding ahead: threads turn files into pixels while the network works on the batch before."""

import collections
import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ImageError
from core.model.transform import EvalTransform

_AHEAD = 2


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A file that must still have the content that it had: `sha256` of its bytes, in hex."""

    file: Path
    sha256: str


Source = Path | bytes


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some consecutive sources: `pixels` (len(places), S, S, 3) of those that could be read.

    `places` and `errors` count from the first source of all; every source is in one of the two.
    """

    first: int
    size: int
    places: list[int]
    pixels: NDArray[np.uint8]
    errors: dict[int, str]


def batches(
    sources: Iterable[Source | Checked], transform: EvalTransform, *, batch_size: int = 32, workers: int = 2
) -> Iterator[Batch]:
    """Read sources in order, a batch at a time, decoding at most two batches ahead.

    Memory stays flat however many sources there are. A source that cannot be read is in `errors`.
    """
    groups = enumerate(_batched(sources, batch_size))
    waiting: collections.deque[tuple[int, list[Future[NDArray[np.uint8] | str]]]] = collections.deque()
    pool = _pool(max(1, workers))
    try:
        for number, group in groups:
            waiting.append((number * batch_size, [pool.submit(_read, transform, one) for one in group]))
            if len(waiting) > _AHEAD:
                yield _collect(*waiting.popleft(), transform.image_size)
        while waiting:
            yield _collect(*waiting.popleft(), transform.image_size)
    finally:
        for _, futures in waiting:
            for future in futures:
                future.cancel()


@functools.cache
def _pool(workers: int) -> ThreadPoolExecutor:
    """Threads that stay: each new one would keep memory of its own, and they are needed again and again."""
    return ThreadPoolExecutor(max_workers=workers, thread_name_prefix="decode")


def _batched(sources: Iterable[Source | Checked], size: int) -> Iterator[tuple[Source | Checked, ...]]:
    iterator = iter(sources)
    while group := tuple(itertools.islice(iterator, size)):
        yield group


def _read(transform: EvalTransform, source: Source | Checked) -> NDArray[np.uint8] | str:
    try:
        return transform.read(_unchanged(source) if isinstance(source, Checked) else source)
    except ImageError as error:
        return str(error)


def _unchanged(source: Checked) -> bytes:
    try:
        data = source.file.read_bytes()
    except OSError as error:
        raise ImageError(f"{error.strerror}.") from error
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise ImageError("it has changed since it was added. Refresh the dataset and make a new split.")
    return data


def _collect(first: int, futures: list[Future[NDArray[np.uint8] | str]], size: int) -> Batch:
    results = {first + i: future.result() for i, future in enumerate(futures)}
    good = {place: found for place, found in results.items() if not isinstance(found, str)}
    pixels = np.stack(list(good.values())) if good else np.empty((0, size, size, 3), np.uint8)
    errors = {place: found for place, found in results.items() if isinstance(found, str)}
    return Batch(first=first, size=len(futures), places=list(good), pixels=pixels, errors=errors)
