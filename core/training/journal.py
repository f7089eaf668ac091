"""The worker's log: what a run did and when, in lines that a person can read (runs/<id>/worker.log)."""

import contextlib
import datetime
from typing import Any

from core import runs

FILE = "worker.log"
_FIGURES = {
    "accuracy": "accuracy {:.1%}",
    "balanced_accuracy": "balanced accuracy {:.1%}",
    "macro_f1": "macro F1 {:.1%}",
}


def write(run: runs.Run, sentence: str) -> None:
    """Append one line with the time, in UTC; a disk that is full is no further trouble here."""
    stamp = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC"
    with contextlib.suppress(OSError), open(run.folder / FILE, "a", encoding="utf-8") as file:
        file.write(f"{stamp}  {' '.join(sentence.split())}\n")


def chosen(config: dict[str, Any], weights: dict[str, Any]) -> list[str]:
    """What was settled when the run began: `config` as stored, and the record of its weights."""
    machine = f"device {config['device']}, {config['precision']}, {config['threads']} threads"
    said = [
        f"Weights: {weights.get('origin')}.",
        f"Chosen: {config['backbone']}, {config['image_size']} px, {machine}, seed {config['seed']}.",
    ]
    if config["mode"] == "full":
        said.append(
            f"Chosen: {config['epochs']} epochs of batches of {config['batch_size']}, learning rate "
            f"{config['learning_rate']:g} for the head and {config['backbone_learning_rate']:g} for the "
            f"backbone, best epoch by {config['metric']}."
        )
    return said


def epoch(entry: dict[str, Any], epochs: int) -> str:
    """One line of history in a sentence."""
    figures = [
        words.format(entry[f"validation_{name}"])
        for name, words in _FIGURES.items()
        if entry.get(f"validation_{name}") is not None
    ]
    speed = entry.get("images_per_second")
    return (
        f"Epoch {entry['epoch']} of {epochs}: training loss {entry['train_loss']:.4f}, validation loss "
        f"{entry['validation_loss']:.4f}, {', '.join(figures)}; {entry['seconds']:.1f} s"
        + (f", {speed:.1f} images a second while training." if speed else ".")
    )
