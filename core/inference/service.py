"""Answers for many callers at once: what HTTP needs of the models, without any HTTP in it.

A few threads decode, one thread runs the model over whatever has come in from all callers, and every
caller waits no longer than it may.
"""

import hmac
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import runs
from core.errors import ImageError, InferenceError
from core.inference import loaded, predictor, sharing
from core.inference.explain import reasons

TOKEN_VARIABLE = "FIELDGUIDE_TOKEN"
MIN_TOKEN = 16
_BUSY = "Too many images are waiting for an answer. Try again in a moment."


class Refused(InferenceError):
    """A request is not answered; `status` is the HTTP status that says so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one request may ask for: `files` of at most `bytes` each, an answer within `seconds`.

    `explained` is how many of its files may be explained, `waiting` how many images of all requests may
    wait for the model, and `in_flight` how many bytes all requests may hold together.
    """

    files: int = 64
    bytes: int = 20_000_000
    seconds: float = 60.0
    explained: int = 8
    waiting: int = 256
    in_flight: int = 200_000_000


def authorise(header: str | None) -> None:
    """Let a request through whose `Authorization` header is `Bearer` and the token of the environment.

    Raises:
        Refused: 404 where the interface is off, because no token is set; 401 where the token is wrong.
    """
    token = os.environ.get(TOKEN_VARIABLE, "")
    if len(token) < MIN_TOKEN:
        raise Refused(
            404,
            f"The HTTP interface is off. Set {TOKEN_VARIABLE} to a secret of at least {MIN_TOKEN} characters "
            "to switch it on.",
        )
    scheme, _, given = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise Refused(401, "The token is missing or wrong: send it as 'Authorization: Bearer TOKEN'.")


def described() -> list[dict[str, Any]]:
    """The runs that can answer, newest first: run, classes, created, backbone."""
    ready = [run for run in runs.all_runs() if (run.folder / "model.safetensors").exists()]
    return [
        {
            "run": run.id,
            "classes": run.classes(),
            "created": run.created,
            "backbone": run.config().get("backbone"),
            "name": run.config().get("name"),
        }
        for run in ready
    ]


class Service:
    """One queue and one thread for all models, a few threads that decode; `close` ends them."""

    def __init__(
        self, limits: Limits | None = None, *, most: int = predictor.BATCH, patience: float = 0.004
    ) -> None:
        """`most` is the largest batch; `patience` how long its first image waits for others, in seconds."""
        self.limits = limits or Limits()
        self.queue = sharing.Queue(waiting=self.limits.waiting, most=most, patience=patience)
        self._decoders = ThreadPoolExecutor(max(2, os.cpu_count() or 2), thread_name_prefix="decode")
        self._explaining = threading.Lock()
        self._flight = threading.Lock()
        self._in_flight = 0

    @property
    def batches(self) -> int:
        """How many batches have been answered."""
        return self.queue.batches

    def predict(
        self,
        run_id: str,
        files: Sequence[tuple[str, bytes]],
        *,
        mirror: bool = False,
        explain: bool = False,
        since: float | None = None,
    ) -> list[predictor.Answer]:
        """Answer for (name, content) of each file, in order; a bad file gets an error in its place.

        `mirror` looks at each image's mirror image too; `explain` adds where the model looked. `since` is
        when the time began to count (`time.monotonic`); None: now.

        Raises:
            Refused: too many or too large files (413), none (422), too busy (503), too slow (504).
            NotFoundError, InferenceError: there is no such run, or it has no model.
        """
        self.check(files, explain=explain)
        end = (time.monotonic() if since is None else since) + self.limits.seconds
        pending: list[Future[Any]] = []
        try:
            model = loaded.get(run_id, seconds=_left(end))
            read = [self._decoders.submit(_read, model, content) for _, content in files]
            pending += read
            pixels = [one.result(timeout=_left(end)) for one in read]
            for image in pixels:
                pending.append(self._ask(model, image, mirror, end))
            answers = [one.result(timeout=_left(end)) for one in pending[len(files) :]]
            if explain:
                pairs = zip(answers, pixels, strict=True)
                answers = [self._explained(model, *pair, end) for pair in pairs]
            return [predictor.named(one, name) for one, (name, _) in zip(answers, files, strict=True)]
        except TimeoutError:
            raise Refused(
                504, f"No answer within {self.limits.seconds:.0f} seconds. Send fewer files."
            ) from None
        except CancelledError:
            raise Refused(503, "The server is being stopped.") from None
        finally:
            for future in pending:  # of a request that failed nothing is worked on any more
                future.cancel()

    def check(self, files: Sequence[tuple[str, bytes]], *, explain: bool = False) -> None:
        """Raise Refused where a request asks for more than it may, or for nothing."""
        if not files:
            raise Refused(422, "There is no file in the request: send one or more as multipart form data.")
        if len(files) > self.limits.files:
            raise Refused(
                413, f"{len(files)} files were sent; at most {self.limits.files} at once are answered."
            )
        if explain and len(files) > self.limits.explained:
            raise Refused(
                413, f"{len(files)} files were sent; at most {self.limits.explained} at once are explained."
            )
        for name, content in files:
            if len(content) > self.limits.bytes:
                most = self.limits.bytes / 1e6
                raise Refused(
                    413, f"{name} has {len(content) / 1e6:.1f} MB; at most {most:.0f} MB are taken."
                )

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Hold `size` bytes of a request for as long as the block runs.

        Raises:
            Refused: 503 where all requests together hold too much already.
        """
        with self._flight:
            if self._in_flight and self._in_flight + size > self.limits.in_flight:
                raise Refused(503, "Too much is being sent at once. Try again in a moment.")
            self._in_flight += size
        try:
            yield
        finally:
            with self._flight:
                self._in_flight -= size

    def close(self) -> None:
        """Let the threads finish what they have begun and end."""
        self._decoders.shutdown(cancel_futures=True)
        self.queue.close()

    def _ask(
        self, model: predictor.Predictor, pixels: NDArray[np.uint8] | str, mirror: bool, end: float
    ) -> Future[predictor.Answer]:
        """The answer to come; what could not be decoded has its answer already."""
        if isinstance(pixels, str):
            known: Future[predictor.Answer] = Future()
            known.set_result(predictor.Answer(path="", error=pixels))
            return known
        try:
            return self.queue.put(model, pixels, mirror=mirror, seconds=_left(end))
        except sharing.Full:
            raise Refused(503, _BUSY) from None

    def _explained(
        self,
        model: predictor.Predictor,
        answer: predictor.Answer,
        pixels: NDArray[np.uint8] | str,
        end: float,
    ) -> predictor.Answer:
        """With its explanation, one at a time: each takes as much memory as training on one image."""
        if isinstance(pixels, str):
            return answer
        if not self._explaining.acquire(timeout=_left(end)):
            raise TimeoutError
        try:
            return reasons.added(answer, reasons.of_pixels(model, pixels, str(answer.label)))
        finally:
            self._explaining.release()


def _read(model: predictor.Predictor, content: bytes) -> NDArray[np.uint8] | str:
    """(S, S, 3), or why there is nothing to be seen."""
    try:
        return model.transform.read(content)
    except ImageError as error:
        return str(error)


def _left(end: float) -> float:
    """Seconds until `end`.

    Raises:
        TimeoutError: there are none.
    """
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
