"""Measuring many files in worker processes that may crash, stall or be stopped."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from core import workspace
from core.data import measure
from core.progress import Progress, silent

STALL_SECONDS = 60.0  # without an answer, a worker is taken to hang on its file
_BATCH = 64  # files handed to a worker at a time
_BACKLOG = 8  # files sent ahead of their answers, so that a worker never waits for us
_MESSAGE = "Reading images"


def n_workers(n_files: int) -> int:
    """How many processes pay for so many files."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, 16, n_files // 16))


def index(
    files: Sequence[Path], *, progress: Progress = silent, stall_seconds: float = STALL_SECONDS
) -> list[measure.Row]:
    """Measure every file, in worker processes.

    Returns one row per file, in the order given: the columns of `measure.measure`, or only `reason`, with
    `passing` where the file is worth another try.
    A `progress` that raises stops the work; the workers are ended before the exception goes on.
    """
    rows: list[measure.Row | None] = [None] * len(files)
    pool = _Pool(files, rows, stall_seconds)
    try:
        pool.start(n_workers(len(files)))
        while pool.working():
            progress(pool.done, len(files), _MESSAGE)
            time.sleep(0.05)
    finally:
        pool.stop()
    if pool.failure is not None:
        raise pool.failure
    progress(len(files), len(files), _MESSAGE)
    return [row for row in rows if row is not None]


class _Pool:
    """Threads that feed one worker process each, from a shared queue of batches."""

    def __init__(self, files: Sequence[Path], rows: list[measure.Row | None], stall_seconds: float) -> None:
        self.files, self.rows, self.stall_seconds = files, rows, stall_seconds
        self.done = 0
        self.failure: BaseException | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._batches: queue.SimpleQueue[range] = queue.SimpleQueue()
        for first in range(0, len(files), _BATCH):
            self._batches.put(range(first, min(first + _BATCH, len(files))))
        self._threads: list[threading.Thread] = []
        self._workers: set[_Worker] = set()

    def start(self, n: int) -> None:
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(n)]
        for thread in self._threads:
            thread.start()

    def working(self) -> bool:
        """Whether any thread is still busy; ends workers that hang, on the way."""
        with self._lock:
            workers = list(self._workers)
        for worker in workers:
            worker.end_if_silent(self.stall_seconds)
        return self.failure is None and any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """End the processes and wait for the threads."""
        self._stopping.set()
        with self._lock:
            workers = list(self._workers)
        for worker in workers:
            worker.end()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        worker: _Worker | None = None
        try:
            while not self._stopping.is_set():
                batch = list(self._batches.get_nowait())
                while batch and not self._stopping.is_set():
                    worker = worker if worker is not None and worker.healthy else self._hire(worker)
                    batch = self._measure(worker, batch)
        except queue.Empty:
            pass
        except Exception as error:  # carried to the caller's thread, which raises it
            self.failure = None if self._stopping.is_set() else error
        finally:
            self._dismiss(worker)

    def _hire(self, previous: "_Worker | None") -> "_Worker":
        self._dismiss(previous)
        worker = _Worker()
        with self._lock:
            self._workers.add(worker)
        try:
            worker.start()
        except RuntimeError:
            self._dismiss(worker)
            raise
        return worker

    def _dismiss(self, worker: "_Worker | None") -> None:
        if worker is not None:
            with self._lock:
                self._workers.discard(worker)
            worker.end()

    def _measure(self, worker: "_Worker", batch: list[int]) -> list[int]:
        """Measure files until the batch is done or the worker dies; return what is left."""
        sent = 0
        for position, number in enumerate(batch):
            while sent < min(position + _BACKLOG, len(batch)):
                worker.ask(self.files[batch[sent]])
                sent += 1
            row = worker.answer()
            if row is None and self._stopping.is_set():
                return batch[position:]
            self.rows[number] = row if row is not None else worker.last_words()
            self.done += 1
            if row is None:
                return batch[position + 1 :]
        return []


class _Worker:
    """One process of `core.data.index_worker`."""

    def __init__(self) -> None:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.data.index_worker"],
            cwd=workspace.CHECKOUT,
            env=os.environ | threads,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libtiff writes its complaints there; the answers carry the reasons
        )
        self._since = time.monotonic()
        self._silent = False
        self._waiting = False
        self.healthy = True

    def start(self) -> None:
        """Wait until it is ready; that it cannot start is no file's fault."""
        if self.answer() is None:
            raise RuntimeError(f"the indexing worker did not start (exit status {self._process.poll()})")

    def ask(self, file: Path) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(str(file)).encode() + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # it died on an earlier file; `answer` finds out

    def answer(self) -> measure.Row | None:
        """The next answer; None when the process has died or was ended."""
        assert self._process.stdout is not None
        self._since, self._waiting = time.monotonic(), True
        line = self._process.stdout.readline()
        self._waiting = False
        if not line.endswith(b"\n"):
            self.healthy = False
            return None
        return measure.decode(json.loads(line))

    def last_words(self) -> measure.Row:
        """Why there was no answer."""
        if self._silent:
            return {"reason": "reading it took too long, and was stopped", "passing": True}
        return {"reason": "reading it crashed the decoder: the file is damaged, or harmful"}

    def end_if_silent(self, seconds: float) -> None:
        if self._waiting and time.monotonic() - self._since > seconds:
            self._silent = True
            self._process.kill()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except BrokenPipeError:
                pass
