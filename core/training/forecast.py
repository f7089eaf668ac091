"""Before any epoch: how good a model can be expected, whether more images would help, and what it will cost.

The images of training and validation are cross-validated on frozen features; the test images stay sealed.
"""

import sys
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import special

from core import progress as progresses
from core import workspace
from core.metrics import intervals
from core.split import folds as splitting
from core.training import answers, cost, forecasts, head, manifests, quick, settings, tasks, worker
from core.training import config as configs
from core.training import device as devices

FRACTIONS = (0.25, 0.5, 0.75, 1.0)
LITTLE = 0.02
"""A gain that is surely smaller is next to nothing."""


def make(config: configs.TrainingConfig, progress: progresses.Progress = progresses.silent) -> dict[str, Any]:
    """Forecast a run of `config`; kept in the cache, so that the same question is answered at once.

    Returns accuracy, its 95 % interval, the learning curve (accuracy by the fraction of the training images),
    the gain of its last step, seconds and memory of a full finetuning, and a sentence of advice.

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
    weights = tasks.head_weights(labels, n_classes, config.balance or "none")
    progress(0, 0, "Cross-validating")
    with devices.one_thread():
        chosen = head.choose(features, labels, groups, weights, seed=config.seed, folds=config.folds)
        folds = splitting.assign(labels, groups, folds=config.folds, seed=config.seed)
        right = [
            _right_with(features, labels, folds, weights, chosen.strength, fraction) for fraction in FRACTIONS
        ]
    whole = chosen.out_of_fold.argmax(1) == labels
    gain, bounds = gained(right[-2], right[-1])
    return {
        "accuracy": float(whole.mean()),
        "interval": _interval(whole),
        "learning_curve": [
            {"fraction": fraction, "accuracy": float(hits.mean()), "interval": _interval(hits)}
            for fraction, hits in zip(FRACTIONS, right, strict=True)
        ],
        "gain": {"accuracy": gain, "interval": list(bounds)},
        "n_images": len(labels),
        "strength": chosen.strength,
        "advice": advise(gain, bounds, len(labels)),
    }


def gained(before: np.ndarray, after: np.ndarray) -> tuple[float, tuple[float, float]]:
    """How much more often the same images are right `after` than `before`, (n_images,) bool each, and the
    95 % interval of that difference (Bonett and Price, 2012: Wald's, with one image added to each way of
    parting).
    """
    n = len(before)
    z = special.ndtri(0.5 + intervals.LEVEL / 2)
    fixed, broken = ((after & ~before).sum() + 1) / (n + 2), ((before & ~after).sum() + 1) / (n + 2)
    half = z * np.sqrt((fixed + broken - (fixed - broken) ** 2) / (n + 2))
    centre = fixed - broken
    return float(after.mean() - before.mean()), (float(centre - half), float(centre + half))


def advise(gain: float, bounds: tuple[float, float], n_images: int) -> str:
    """A sentence on whether more images are worth their labelling: only what is beyond chance is claimed."""
    low, high = bounds
    if low > 0:
        return (
            f"The last quarter of the images still brought {gain * 100:.1f} points of accuracy, more than "
            "chance would: more images will help, and finetuning the whole network may."
        )
    if high < LITTLE:
        return (
            "The last quarter of the images brought next to nothing: more of the same kind will hardly help. "
            "Finetuning the whole network, or images of the kind that are mistaken now, may."
        )
    return (
        "Whether more images would help cannot be told yet: the last quarter of them changed the accuracy "
        f"by {gain * 100:+.1f} points, which with {n_images} images may be chance "
        f"(between {low * 100:+.1f} and {high * 100:+.1f})."
    )


def _interval(right: np.ndarray) -> list[float]:
    low, high = intervals.wilson(right.sum(), len(right))
    return [float(low), float(high)]


def _right_with(
    features: np.ndarray,
    labels: np.ndarray,
    folds: np.ndarray,
    weights: np.ndarray,
    strength: float,
    fraction: float,
) -> np.ndarray:
    """Which images are right out of fold, (n_images,) bool, when each head sees only a `fraction` of each
    class's training images.
    """
    right = np.zeros(len(labels), bool)
    for fold in np.unique(folds):
        inside = np.flatnonzero(folds != fold)
        seen = _thinned(inside, labels, fraction)
        outside = np.flatnonzero(folds == fold)
        said = head.fit(features[seen], labels[seen], strength, weights).logits(features[outside]).argmax(1)
        right[outside] = said == labels[outside]
    return right


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
    return answers.FORECASTS.work_out(arguments, make, worker.sentence)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
