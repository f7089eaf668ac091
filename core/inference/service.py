"""Answers for many callers at once: what HTTP needs of the models, without any HTTP in it.

Callers decode their own images; one thread runs the model, over whatever has come in from all of them.
"""

import hmac
import os
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import runs
from core.errors import ImageError, InferenceError
from core.inference import loaded, predictor

TOKEN_VARIABLE = "FIELDGUIDE_TOKEN"
MIN_TOKEN = 16


class Refused(InferenceError):
    """A request is not answered; `status` is the HTTP status that says so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one request may ask for; `bytes` for each file, `seconds` until an answer."""

    files: int = 64
    bytes: int = 20_000_000
    seconds: float = 60.0
    waiting: int = 256


@dataclass(frozen=True, kw_only=True)
class _Job:
    run_id: str
    pixels: NDArray[np.uint8]  # (S, S, 3)
    model: predictor.Predictor
    answer: Future[predictor.Answer] = field(default_factory=Future)


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
    """One queue and one thread for all models; `close` ends it."""

    def __init__(self, limits: Limits | None = None, *, most: int = 32, patience: float = 0.004) -> None:
        """`most` is the largest batch; `patience` how long its first image waits for others, in seconds."""
        self.limits = limits or Limits()
        self._most, self._patience = most, patience
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=self.limits.waiting)
        self._decoding = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
        self.batches = 0
        self._thread = threading.Thread(target=self._work, name="answers", daemon=True)
        self._thread.start()

    def predict(self, run_id: str, files: Sequence[tuple[str, bytes]]) -> list[predictor.Answer]:
        """Answer for (name, content) of each file, in order; a bad file gets an error in its place.

        Raises:
            Refused: too many or too large files (413), none (422), too busy (503), too slow (504).
            NotFoundError, InferenceError: there is no such run, or it has no model.
        """
        self.check(files)
        model = loaded.get(run_id)
        end = time.monotonic() + self.limits.seconds
        waiting = [self._submit(model, name, content, end) for name, content in files]
        return [self._collect(one, name, end) for one, (name, _) in zip(waiting, files, strict=True)]

    def check(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Raise Refused where a request asks for more than it may, or for nothing."""
        if not files:
            raise Refused(422, "There is no file in the request: send one or more as multipart form data.")
        if len(files) > self.limits.files:
            raise Refused(
                413, f"{len(files)} files were sent; at most {self.limits.files} at once are answered."
            )
        for name, content in files:
            if len(content) > self.limits.bytes:
                most = self.limits.bytes / 1e6
                raise Refused(
                    413, f"{name} has {len(content) / 1e6:.1f} MB; at most {most:.0f} MB are taken."
                )

    def close(self) -> None:
        """Let the thread finish what it has begun and end."""
        self._jobs.put(None)
        self._thread.join()

    def _submit(
        self, model: predictor.Predictor, name: str, content: bytes, end: float
    ) -> Future[predictor.Answer] | predictor.Answer:
        with self._decoding:  # decoding is what takes memory: no more at a time than there are processors
            try:
                pixels = model.transform.read(content)
            except ImageError as error:
                return predictor.Answer(path=name, error=str(error))
        job = _Job(run_id=model.run_id, pixels=pixels, model=model)
        try:
            self._jobs.put(job, timeout=max(0.0, end - time.monotonic()))
        except queue.Full:
            raise Refused(503, "Too many images are waiting for an answer. Try again in a moment.") from None
        return job.answer

    def _collect(
        self, waiting: Future[predictor.Answer] | predictor.Answer, name: str, end: float
    ) -> predictor.Answer:
        if isinstance(waiting, predictor.Answer):
            return waiting
        try:
            return predictor.named(waiting.result(timeout=max(0.0, end - time.monotonic())), name)
        except TimeoutError:
            waiting.cancel()
            raise Refused(
                504, f"No answer within {self.limits.seconds:.0f} seconds. Send fewer files."
            ) from None

    def _work(self) -> None:
        held: _Job | None = None
        while (first := held or self._jobs.get()) is not None:
            batch, held = self._gather(first)
            self._answer(batch)

    def _gather(self, first: _Job) -> tuple[list[_Job], _Job | None]:
        """`first` and what else has come in for the same model; and the job that comes after them."""
        batch, end = [first], time.monotonic() + self._patience
        while len(batch) < self._most:
            try:
                job = self._jobs.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)  # answered what came before it; the loop meets it again
                break
            if job.model is not first.model:
                return batch, job
            batch.append(job)
        return batch, None

    def _answer(self, batch: list[_Job]) -> None:
        batch = [job for job in batch if job.answer.set_running_or_notify_cancel()]
        if not batch:
            return
        self.batches += 1
        try:
            answers = batch[0].model.answer_pixels(np.stack([job.pixels for job in batch]))
        except Exception as error:  # the callers must hear of it; this thread must go on
            for job in batch:
                job.answer.set_exception(error)
            return
        for job, answer in zip(batch, answers, strict=True):
            job.answer.set_result(answer)
