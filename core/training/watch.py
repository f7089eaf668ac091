"""Stands between the loop and the run's folder: hears each step and epoch, writes them down, passes on
requests.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from core import runs, workspace
from core.training import advice, pace, ranks, report, tasks

SAMPLES = 8
MOST_CLASSES_SHOWN = 50


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
    ) -> None:
        self.run, self.status, self.task, self.pace, self.place = run, status, task, pacing, place
        self.keep_best, self.keep_checkpoint = keep_best, keep_checkpoint

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
        scores = entry.pop("scores")
        self.pace.evaluated(entry["seconds"] - entry["training_seconds"])
        if not self.place.writes:
            return
        if improved:
            self.keep_best(entry["epoch"])
        if len(self.run.classes()) > MOST_CLASSES_SHOWN:
            entry.pop("validation_confusion")
        entry["samples"] = self._samples(scores)
        # Synced, as the checkpoint is: after a loss of power no epoch of it misses its line.
        workspace.append_line(self.run.folder / "history.jsonl", entry, sync=True)
        self.keep_checkpoint()
        history = self.run.history()
        best = {"best_epoch": entry["epoch"]} if improved else {}
        self.status.set(
            **best, advice=advice.during(history, self.run.classes()), seconds=self.status.seconds()
        )

    def _tell(self, step: tasks.Step) -> None:
        epochs = self.pace.epochs
        doing = "looking at the validation images" if step.evaluating else f"step {step.step} of {step.steps}"
        if step.part < (self.task.config.batch_size or 1):
            alike = "nearly the same" if self.task.config.batch_norm == "train" else "the same"
            self.status.values["memory"] = (
                f"Memory ran out: batches are computed {step.part} images at once and added up. The "
                f"result is {alike}, only slower."
            )
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


def pacing(task: tasks.Task, n_final: int) -> pace.Pace:
    """A pace for the whole of `task`; `n_final` images are looked at once more at the end."""
    config = task.config
    epochs = config.epochs or 1
    return pace.Pace(
        epochs=epochs,
        steps=tasks.steps_per_epoch(task),
        head_epochs=epochs if config.freeze == "all" else config.head_epochs or 0,
        evaluation_images=len(task.validation),
        final_images=n_final,
    )
