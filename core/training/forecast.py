"""Before any epoch: how good a model can be expected, whether more images would help, and what it will cost.

The images of training and validation are cross-validated on frozen features; the test images stay sealed.
"""

import json
import sys
from typing import Any

import numpy as np
import pandas as pd
import torch

from core import progress as progresses
from core import workspace
from core.metrics import intervals
from core.split import folds as splitting
from core.training import config as configs
from core.training import cost, forecasts, head, manifests, quick, settings, tasks, worker
from core.training import device as devices

FRACTIONS = (0.25, 0.5, 0.75, 1.0)
LEAST_TO_GAIN = 0.01


def make(config: configs.TrainingConfig, progress: progresses.Progress = progresses.silent) -> dict[str, Any]:
    """Forecast a run of `config`; kept in the cache, so that the same question is answered at once.

    Returns accuracy, its 95 % interval, the learning curve (accuracy by the fraction of the training images),
    seconds and memory of a full finetuning, and a sentence of advice.

    Raises:
        FieldguideError: as `manifests.make`; or the weights cannot be had.
    """
    kept = forecasts.read(config)
    if kept is not None:
        return kept
    whole = manifests.make(config.dataset, config.split)
    table = whole[whole["subset"] != "test"].reset_index(drop=True)
    classes = sorted(table["label"].unique())
    device = devices.pick(config.device)
    torch.set_num_threads(devices.threads(config.threads))
    setting = settings.choose(config, table, classes, device, progress)
    features = quick.see(table, setting, progress)
    found = expect(features, table, setting.config, progress)
    progress(0, 0, "Timing a few steps of a full finetuning")
    full = setting.config if config.mode == "full" else config.but(mode="full")
    if full is not setting.config:
        setting = settings.choose(full, table, classes, device, progress)
    taken = cost.measure(setting, whole, len(classes))
    answer = found | {"seconds_full": taken.seconds, "cost": taken.to_dict(), "weights": setting.weights}
    workspace.write_json(forecasts.file(config), answer)
    return answer


def expect(
    features: np.ndarray, table: pd.DataFrame, config: configs.TrainingConfig, progress: progresses.Progress
) -> dict[str, Any]:
    """Cross-validate heads on `features` (n, n_features): accuracy, interval, learning curve and advice."""
    labels, groups = table["class_index"].to_numpy(np.int64), quick.groups(table)
    n_classes = int(labels.max()) + 1
    weights = tasks.head_weights(labels, n_classes, config.balance)
    progress(0, 0, "Cross-validating")
    with devices.one_thread():
        chosen = head.choose(features, labels, groups, weights, seed=config.seed, folds=config.folds)
        folds = splitting.assign(labels, groups, folds=config.folds, seed=config.seed)
        curve = [
            {
                "fraction": fraction,
                "accuracy": _accuracy_with(features, labels, folds, weights, chosen.strength, fraction),
            }
            for fraction in FRACTIONS
        ]
    hits = int((chosen.out_of_fold.argmax(1) == labels).sum())
    low, high = intervals.wilson(hits, len(labels))
    return {
        "accuracy": hits / len(labels),
        "interval": [float(low), float(high)],
        "learning_curve": curve,
        "n_images": len(labels),
        "strength": chosen.strength,
        "advice": advise([point["accuracy"] for point in curve]),
    }


def advise(curve: list[float]) -> str:
    """A sentence on whether more images are worth their labelling, from the curve's last two points."""
    gained = curve[-1] - curve[-2]
    if gained >= LEAST_TO_GAIN:
        return (
            f"The last quarter of the images still brought {gained * 100:.1f} points: more images will help, "
            "and finetuning the whole network may."
        )
    return (
        "The last quarter of the images brought next to nothing: more of the same kind will hardly help. "
        "Finetuning the whole network, or images of the kind that are mistaken now, may."
    )


def _accuracy_with(
    features: np.ndarray,
    labels: np.ndarray,
    folds: np.ndarray,
    weights: np.ndarray,
    strength: float,
    fraction: float,
) -> float:
    """Accuracy out of fold when each head sees only a `fraction` of each class's training images."""
    hits = 0
    for fold in np.unique(folds):
        inside = np.flatnonzero(folds != fold)
        seen = _thinned(inside, labels, fraction)
        outside = np.flatnonzero(folds == fold)
        answers = (
            head.fit(features[seen], labels[seen], strength, weights).logits(features[outside]).argmax(1)
        )
        hits += int((answers == labels[outside]).sum())
    return hits / len(labels)


def _thinned(rows: np.ndarray, labels: np.ndarray, fraction: float) -> np.ndarray:
    """A `fraction` of the rows of each class, at least one; a larger one keeps the rows of a smaller."""
    chance = np.random.Generator(np.random.PCG64(3))
    shuffled = chance.permutation(rows)
    kept = []
    for label in np.unique(labels[rows]):
        mine = shuffled[labels[shuffled] == label]
        kept.append(mine[: max(1, round(fraction * len(mine)))])
    return np.sort(np.concatenate(kept))


def main(arguments: list[str]) -> int:
    """Make the forecast of the configuration given as JSON, telling others how far it is."""
    config = configs.TrainingConfig.from_dict(json.loads(arguments[0]))
    with workspace.lock(forecasts.lock_path(config)):
        try:
            make(config, lambda done, total, message: forecasts.tell(config, message))
        except Exception as error:  # the process ends here, and the page must say why
            forecasts.tell(config, worker.sentence(error), failed=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
