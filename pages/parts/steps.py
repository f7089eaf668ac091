"""The five steps: what is done, what is next, in a sentence each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core import runs, words
from pages.parts import caches, state

Standing = Literal["done", "next", "going", "waiting"]
ORDER = ("dataset", "split", "finetune", "metrics", "classify")
RESULTS = ("metrics", "classify")  # these are done once somebody has opened them for a finished run
_ENDED = {
    "paused": "is **paused**",
    "failed": "**failed**",
    "cancelled": "was **cancelled**",
    "interrupted": "was **interrupted**",
}
_WAITING = {
    "dataset": "A sample, a folder, a zip or an upload.",
    "split": "Which images train, which ones judge.",
    "finetune": "One button, or every setting.",
    "metrics": "Accuracy, confusion, mistakes, costs.",
    "classify": "The answer for a new image, with reasons.",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the way, for the person who is on it."""

    page: str
    standing: Standing
    sentence: str


def seen(page: str) -> None:
    """Remember that a result page was opened for the chosen run: every browser then calls the step done."""
    chosen = state.current().run
    if chosen and (run := runs.load(chosen)).state() == "finished":
        run.mark_seen(page)


def all_steps() -> list[Step]:
    """The five steps in order; exactly one of them is next (or going on) unless all are done."""
    chosen = state.current()
    told = {
        "dataset": _dataset(chosen.dataset),
        "split": _split(chosen.split),
        "finetune": _run(chosen.run),
        "metrics": _result(chosen.run, "metrics"),
        "classify": _result(chosen.run, "classify"),
    }
    steps, open_found = [], False
    for page in ORDER:
        standing, sentence = told[page]
        if standing == "waiting" and not open_found:
            standing = "next"
        open_found = open_found or standing in ("next", "going")
        steps.append(Step(page=page, standing=standing, sentence=sentence or _WAITING[page]))
    return steps


def next_step() -> Step | None:
    """The step to take now; None when all five are done."""
    return next((step for step in all_steps() if step.standing in ("next", "going")), None)


def _dataset(name: str | None) -> tuple[Standing, str]:
    if not name:
        return "waiting", ""
    found = caches.dataset(name)
    classes = "class" if len(found.classes) == 1 else "classes"
    return "done", f"**{name}**: {len(found.table):,} images of {len(found.classes)} {classes}."


def _split(name: str | None) -> tuple[Standing, str]:
    if not name:
        return "waiting", ""
    sizes = {subset: sum(labels.values()) for subset, labels in caches.split(name).counts().items()}
    told = ", ".join(f"{sizes.get(subset, 0):,} {subset}" for subset in ("train", "validation", "test"))
    return "done", f"**{name}**: {told}."


def _run(run_id: str | None) -> tuple[Standing, str]:
    if not run_id:
        return "waiting", ""
    status = runs.load(run_id).status()
    if status["state"] == "finished":
        accuracy = (status.get("validation") or {}).get("accuracy")
        return "done", "**Finished**" + (
            f", {words.percent(accuracy)} of validation images right." if accuracy else "."
        )
    if status["state"] == "queued":
        return "going", "It waits for its turn."
    if status["state"] == "running":
        return "going", f"Epoch {status['epoch']} of {status['epochs']}." if status.get(
            "epoch"
        ) else "It has begun."
    if status["state"] == "prepared":
        return "next", "A run is **prepared**. Start it or make another."
    return "next", f"The last run {_ENDED[status['state']]}. Resume it or start another."


def _result(run_id: str | None, page: str) -> tuple[Standing, str]:
    """Done once somebody has opened the page for the finished run."""
    if not run_id or (run := runs.load(run_id)).state() != "finished":
        return "waiting", ""
    return ("done", "") if page in run.seen() else ("waiting", "")
