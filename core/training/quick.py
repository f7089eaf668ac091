"""Quick mode: the backbone stays as it is, its features are computed once, and only the head is trained."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from core import progress as progresses
from core import runs, workspace
from core.features import extract
from core.model import augment, network
from core.training import config as configs
from core.training import device as devices
from core.training import (
    evaluate,
    head,
    journal,
    loggers,
    outcome,
    pixels,
    report,
    settings,
    tasks,
)


def train(run: runs.Run, status: report.Status, setting: settings.Setting) -> None:
    """Extract, fit, evaluate: a finished run in seconds."""
    outcome.trim_history(run, 0)
    start = time.perf_counter()
    table = run.manifest()
    features = see(table, setting, report.stoppable(status))  # (n_images, n_features)
    labels = table["class_index"].to_numpy(np.int64)
    train_rows = np.flatnonzero(table["subset"] == "train")
    status.tick(0, 0, "Choosing the head's strength by cross-validation")
    balance = setting.config.balance or "none"
    weights = tasks.head_weights(labels[train_rows], len(run.classes()), balance)
    chosen = choose(features[train_rows], table.iloc[train_rows], weights, setting.config)
    x, y = _with_views(features[train_rows], labels[train_rows], table.iloc[train_rows], setting, status)
    with devices.one_thread():
        fitted = head.fit(x, y, chosen.strength, weights)
    put_in(setting.model, fitted)
    _finish(run, status, setting, table, features, chosen, time.perf_counter() - start)


def see(table: pd.DataFrame, setting: settings.Setting, progress: progresses.Progress) -> np.ndarray:
    """Frozen features of a manifest's images: (n_images, n_features) float32, kept in the cache.

    Raises:
        ImageError: a file cannot be read any more.
    """
    if setting.config.precision != "bf16":  # fp16's range is too small for features
        return features_of(table, setting, progress, "fp32")
    learnt = (table["subset"] == "train").to_numpy()
    seen = features_of(table[learnt], setting, progress, "bf16")
    found = np.zeros((len(table), seen.shape[1]), np.float32)
    found[learnt] = seen
    found[~learnt] = features_of(table[~learnt], setting, progress, "fp32")  # answers are always fp32's
    return found


def features_of(
    table: pd.DataFrame, setting: settings.Setting, progress: progresses.Progress, precision: str
) -> np.ndarray:
    config = setting.config
    return extract.features(
        [Path(file) for file in table["file"]],
        config.backbone,
        settings.source(config, progress),
        setting.transform,
        hashes=table["sha256"].tolist(),
        seed=config.seed,
        precision=precision,
        workers=config.threads or 1,
        device=str(setting.device),
        progress=progress,
    )


def choose(
    features: np.ndarray, table: pd.DataFrame, weights: np.ndarray, config: configs.TrainingConfig
) -> head.Chosen:
    """The head's strength by cross-validation over the images of `table`, features (n_images, n_features)."""
    labels = table["class_index"].to_numpy(np.int64)
    with devices.one_thread():
        return head.choose(features, labels, groups(table), weights, seed=config.seed, folds=config.folds)


def start_head(table: pd.DataFrame, setting: settings.Setting, n_classes: int, status: report.Status) -> None:
    """Give the network of a full run the head that fits its frozen backbone best, before its first epoch.

    Finetuning from there distorts the features less than from a random head (Kumar et al., 2022), and the
    features are needed anyway to know the unknown.
    """
    seen = features_of(table, setting, report.stoppable(status), "fp32")
    labels = table["class_index"].to_numpy(np.int64)
    weights = tasks.head_weights(labels, n_classes, setting.config.balance or "none")
    chosen = choose(seen, table, weights, setting.config)
    with devices.one_thread():
        put_in(setting.model, head.fit(seen, labels, chosen.strength, weights))


def groups(table: pd.DataFrame) -> np.ndarray:
    """The group of each image; one without a group stands alone."""
    return table["group"].fillna(table["path"]).astype(str).to_numpy()


def put_in(model: network.Classifier, fitted: head.Head) -> None:
    """Give the network its head."""
    state = {"weight": torch.from_numpy(fitted.weight), "bias": torch.from_numpy(fitted.bias)}
    model.classifier.load_state_dict(state)


def _with_views(
    features: np.ndarray,
    labels: np.ndarray,
    table: pd.DataFrame,
    setting: settings.Setting,
    status: report.Status,
) -> tuple[np.ndarray, np.ndarray]:
    """Add the features of augmented views to those of the training images themselves."""
    config = setting.config
    if config.views == 1:
        return features, labels
    progress = report.stoppable(status)
    store = pixels.prepare(table, setting.transform, threads=config.threads or 1, progress=progress)
    model = setting.model.eval()
    parts = [features]
    for view in range(1, config.views):
        for first in range(0, len(table), evaluate.BATCH):
            rows = list(range(first, min(first + evaluate.BATCH, len(table))))
            squares = torch.from_numpy(store.take(rows)).to(setting.device)
            strength = config.augment or "light"
            images = augment.batch(
                squares, setting.transform, strength, seed=config.seed, epoch=view, indices=rows
            )
            with torch.inference_mode():
                parts.append(model.features(images).float().cpu().numpy())
            progress(rows[-1] + 1, len(table), f"Looking at altered images, view {view}")
    return np.concatenate(parts), np.tile(labels, config.views)


def _finish(
    run: runs.Run,
    status: report.Status,
    setting: settings.Setting,
    table: pd.DataFrame,
    features: np.ndarray,
    chosen: head.Chosen,
    seconds: float,
) -> None:
    """Write model, history and predictions, as a full run does."""
    outcome.save_model(run, setting.model, setting.transform, setting.weights, epoch=1)
    with torch.inference_mode():
        seen = torch.from_numpy(features).to(setting.device)
        scores = setting.model.eval().classifier(seen).cpu().numpy()  # (n_images, n_classes)
    subset, labels = table["subset"].to_numpy(), table["class_index"].to_numpy(np.int64)
    of = {
        name: evaluate.figures(scores[subset == name], labels[subset == name])
        for name in ("train", "validation")
    }
    folds = evaluate.figures(chosen.out_of_fold, labels[subset == "train"])
    line: dict[str, Any] = {
        "epoch": 1,
        "train_loss": of["train"]["loss"],
        "train_accuracy": of["train"]["accuracy"],
        **{f"validation_{key}": value for key, value in of["validation"].items()},
        "learning_rate": 0.0,
        "strength": chosen.strength,
        "cross_validation_accuracy": folds["accuracy"],
        "cross_validation_losses": {str(key): value for key, value in chosen.losses.items()},
        "seconds": round(seconds, 3),
        "training_seconds": round(seconds, 3),
        "images_per_second": round(int((subset == "train").sum()) / seconds, 2),
    }
    workspace.append_line(run.folder / "history.jsonl", line)
    status.log(journal.epoch(line, 1))
    with loggers.opened(run, status) as places:
        places.epoch(line)
    judged = np.flatnonzero(np.isin(subset, ["validation", "test"]))
    outcome.save_predictions(run, table.iloc[judged], scores[judged])
    found = {key: value for key, value in of["validation"].items() if key != "confusion"}
    status.set(validation=found, best_epoch=1, epoch=1, epochs=1, seconds=status.seconds())
