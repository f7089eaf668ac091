"""Stands between the loop and the run's folder: hears each step and epoch, writes them down, passes on
requests.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from core import runs, workspace
from core.training import advice, confusions, journal, pace, ranks, report, tasks
from core.training import loggers as places

SAMPLES = 8


class Watch:
    """The listener of a training: saves, reports, and stops it when the person asks."""

    def __init__(
        self,
        run: runs.Run,
        status: report.Status,
        task: tasks.Task,
        pacing: pace.Pace,
        place: ranks.Ranks,
        *,
        keep_best: Callable[[int], None],
        keep_checkpoint: Callable[[], None],
        loggers: places.Loggers = places.NONE,
    ) -> None:
        self.run, self.status, self.task, self.pace, self.place = run, status, task, pacing, place
        self.keep_best, self.keep_checkpoint, self.loggers = keep_best, keep_checkpoint, loggers
        self.losses: list[float] = []  # of the epoch under way

    def on_step(self, step: tasks.Step) -> None:
        """Report the step; raises `report.Stopped` on a person's request, after saving where it stands."""
        self.pace.hear(step)
        if self.place.writes:
            self._tell(step)
        if step.evaluating and self.place.size > 1:
            return  # processes evaluate at their own pace: they meet again at the next step
        asked = self.place.agree(int(report.asked(self.run)))
        if asked:
            self.keep_checkpoint()
            raise report.Stopped(report.Asked(asked))

    def on_epoch(self, entry: dict[str, Any], improved: bool) -> None:
        """Write the epoch down: best weights first, then its line, and the checkpoint, which is the
        truth, last.
        """
        start = time.monotonic()
        scores = entry.pop("scores")
        self.pace.evaluated(entry["seconds"] - entry["training_seconds"])
        if not self.place.writes:
            return
        if improved:
            self.keep_best(entry["epoch"])
        confusions.pack(entry)
        entry["samples"] = self._samples(scores)
        # Synced, as the checkpoint is: after a loss of power no epoch of it misses its line.
        workspace.append_line(self.run.folder / "history.jsonl", entry, sync=True)
        self.keep_checkpoint()
        self.losses = []
        self.status.log(journal.epoch(entry, self.pace.epochs))
        self.loggers.epoch(entry)
        history = self.run.history()
        best = {"best_epoch": entry["epoch"]} if improved else {}
        found = advice.during(history, self.run.classes())
        for sentence in found:
            if sentence not in (self.status.values.get("advice") or []):
                self.status.log(sentence)
        self.status.set(**best, advice=found, seconds=self.status.seconds())
        self.pace.saved(time.monotonic() - start)

    def _tell(self, step: tasks.Step) -> None:
        epochs = self.pace.epochs
        doing = "looking at the validation images" if step.evaluating else f"step {step.step} of {step.steps}"
        if step.part < (self.task.config.batch_size or 1):
            said = memory_sentence(step.part, self.task.config.batch_norm or "train")
            if self.status.values.get("memory") != said:
                self.status.log(said)
            self.status.values["memory"] = said
        if step.loss is not None and not step.evaluating:
            self.losses.append(round(step.loss, 4))
        left = self.pace.seconds_left(step.epoch, step.step)
        self.status.tick(
            (step.epoch - 1) * step.steps + step.step,
            epochs * step.steps,
            f"Epoch {step.epoch} of {epochs}, {doing}",
            epoch=step.epoch,
            epochs=epochs,
            step=step.step,
            steps=step.steps,
            phase="head" if step.head_only else "all",
            images_per_second=round(self.pace.images_per_second, 2),
            seconds_left=None if left is None else round(left, 1),
            size=step.size,
            loss=step.loss,
            losses=thinned(self.losses),
            learning_rate=step.rate,
        )

    def _samples(self, scores: np.ndarray) -> list[dict[str, Any]]:
        """A few validation images, the same each epoch, with the answer of now: `scores` is (n,
        n_classes).
        """
        classes, rows = self.run.classes(), self.task.validation
        picked = np.unique(np.linspace(0, len(rows) - 1, min(SAMPLES, len(rows))).astype(int))
        paths = self.task.paths
        shown = []
        for i in picked:
            odds = np.exp(scores[i].astype(np.float64) - scores[i].max())
            answer = int(odds.argmax())
            shown.append(
                {
                    "path": paths[rows[i]],
                    "label": classes[self.task.labels[rows[i]]],
                    "answer": classes[answer],
                    "probability": round(float(odds[answer] / odds.sum()), 4),
                }
            )
        return shown


def pacing(task: tasks.Task) -> pace.Pace:
    """A pace for the whole of `task`."""
    steps = tasks.steps_per_epoch(task)
    return pace.Pace(pace.plan(task.config), steps=steps, evaluation_images=len(task.validation))


def memory_sentence(part: int, batch_norm: str) -> str:
    """What a person should know when batches no longer fit the memory whole."""
    said = f"Memory ran out: batches are computed {part} images at once, and their gradients added up. "
    if batch_norm == "frozen":
        return said + "The result is the same, only slower."
    return said + (
        f"That is slower, and the result differs a little: batch normalisation sees {part} images at a time."
    )


def thinned(values: list[float], most: int = 60) -> list[float]:
    """At most `most` of the values, evenly spread, the last one among them."""
    if len(values) <= most:
        return list(values)
    return [values[round(i * (len(values) - 1) / (most - 1))] for i in range(most)]
