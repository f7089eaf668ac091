"""One queue of images from many callers, and one thread that answers them in batches."""

import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.inference import predictor


class Full(Exception):
    """There was no room in the queue for as long as the caller would wait."""


@dataclass(frozen=True, kw_only=True)
class _Job:
    pixels: NDArray[np.uint8]  # (S, S, 3)
    model: predictor.Predictor
    mirror: bool
    answer: Future[predictor.Answer] = field(default_factory=Future)

    def goes_with(self, other: "_Job") -> bool:
        """Whether both can be answered in one batch."""
        return self.model is other.model and self.mirror == other.mirror


class Queue:
    """Images that wait for the model; `close` ends the thread that answers them."""

    def __init__(self, *, waiting: int, most: int, patience: float) -> None:
        """`waiting` images at most, in batches of `most`; `patience` in seconds is what a batch waits for."""
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=waiting)
        self._most, self._patience = most, patience
        self.batches = 0
        self._thread = threading.Thread(target=self._work, name="answers", daemon=True)
        self._thread.start()

    def put(
        self, model: predictor.Predictor, pixels: NDArray[np.uint8], *, mirror: bool, seconds: float
    ) -> Future[predictor.Answer]:
        """The answer to come for (S, S, 3); cancelled before its turn, it costs nothing.

        Raises:
            Full: there was no room for so many seconds.
        """
        job = _Job(model=model, pixels=pixels, mirror=mirror)
        try:
            self._jobs.put(job, timeout=seconds)
        except queue.Full:
            raise Full from None
        return job.answer

    def close(self) -> None:
        """Let the thread finish what it has begun and end."""
        self._jobs.put(None)
        self._thread.join()

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
            if not job.goes_with(first):
                return batch, job
            batch.append(job)
        return batch, None

    def _answer(self, batch: list[_Job]) -> None:
        batch = [job for job in batch if job.answer.set_running_or_notify_cancel()]
        if not batch:
            return
        self.batches += 1
        first = batch[0]
        model = first.model.looking_twice() if first.mirror else first.model
        try:
            answers = model.answer_pixels(np.stack([job.pixels for job in batch]))
            pairs = list(zip(batch, answers, strict=True))
        except Exception as error:  # the callers must hear of it; this thread must go on
            for job in batch:
                job.answer.set_exception(error)
            return
        for job, answer in pairs:
            job.answer.set_result(answer)
