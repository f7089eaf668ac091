"""One run from its configuration to its predictions: the glue between model, pixels, loop and the run's
folder.
"""

import collections
import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import torch

from core import runs, workspace
from core.model import network, weights, weights_files
from core.model import transform as transforms
from core.training import checkpoint, evaluate, loop, optim, outcome, pixels, recipe, report, tasks, watch
from core.training import config as configs
from core.training import device as devices
from core.training import ranks as processes


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """What was chosen for a run, and the network that it begins with."""

    config: configs.TrainingConfig
    weights: dict[str, Any]
    transform: transforms.EvalTransform
    model: network.Classifier
    device: torch.device


def carry_out(run: runs.Run, status: report.Status, ranks: processes.Ranks) -> None:
    """Train `run` to its end, from its checkpoint if it has one.

    Raises:
        Stopped: the person asked for it; the checkpoint says where the run stands.
        FieldguideError: it cannot go on; the sentence says why.
    """
    config = configs.TrainingConfig.from_dict(run.config())
    device = devices.pick(config.device)
    torch.set_num_threads(devices.threads(config.threads))
    processes.connect(ranks, device)
    try:
        setting = ranks.first(lambda: settle(run, status, device))
        train(run, status, setting, ranks)
    finally:
        processes.disconnect(ranks)


def settle(run: runs.Run, status: report.Status, device: torch.device) -> Setting:
    """Choose everything that the configuration leaves open, store it, and build the network."""
    record = run.config()
    config = configs.TrainingConfig.from_dict(record)
    if "chosen" in record:
        return _again(run, record, config, device)
    status.tick(0, 0, "Looking for pretrained weights")
    found = _starting_weights(config, status)
    counts = run.manifest().query("subset == 'train'")["label"]
    config = recipe.fill(config, found, collections.Counter(counts))
    model = _network(config, run.classes())
    weights.load_backbone(model, found)
    _take_head(config, model, run.classes())
    config = config.but(threads=torch.get_num_threads(), device=str(device))
    model = model.to(device).to(memory_format=torch.channels_last)
    status.tick(0, 0, "Measuring which precision is faster")
    config = config.but(precision=_precision(config, model, device))
    transform = transforms.EvalTransform.for_size(config.image_size or 224, found.mean, found.std)
    chosen = {
        "weights": found.record(),
        "transform": transform.to_dict(),
        "environment": outcome.environment(),
    }
    workspace.write_json(run.folder / "config.json", record | config.to_dict() | {"chosen": chosen})
    status.set(weights=found.record())
    return Setting(config=config, weights=found.record(), transform=transform, model=model, device=device)


def train(run: runs.Run, status: report.Status, setting: Setting, ranks: processes.Ranks) -> None:
    """Full finetuning."""
    task = make_task(run, status, setting, ranks)
    head_steps = (setting.config.head_epochs or 0) * tasks.steps_per_epoch(task)
    optimizer = optim.build(setting.model, setting.config, head_steps=head_steps)
    path = run.folder / "checkpoint.pt"
    state = checkpoint.load(path, setting.model, optimizer)
    if ranks.writes:
        outcome.trim_history(run, state.epoch)
    table = run.manifest()
    judged = np.flatnonzero(table["subset"].isin(["validation", "test"]).to_numpy())
    listener = watch.Watch(
        run,
        status,
        task,
        watch.pacing(task, len(judged)),
        ranks,
        keep_best=lambda epoch: outcome.save_model(
            run, setting.model, setting.transform, setting.weights, epoch
        ),
        keep_checkpoint=lambda: checkpoint.save(path, setting.model, optimizer, state),
    )
    loop.Trainer(setting.model, task, optimizer, state, listener, ranks).fit()
    if ranks.writes:
        finish(run, status, setting, task.pixels, table, judged)


def make_task(run: runs.Run, status: report.Status, setting: Setting, ranks: processes.Ranks) -> tasks.Task:
    """The images, decoded, and what is to be learned from them."""
    table = run.manifest()
    threads = setting.config.threads or 1
    progress = status_progress(run, status)
    store = ranks.first(lambda: pixels.prepare(table, setting.transform, threads=threads, progress=progress))
    subset = table["subset"].to_numpy()
    return tasks.Task(
        config=setting.config,
        transform=setting.transform,
        pixels=store,
        paths=table["path"].tolist(),
        labels=table["class_index"].to_numpy(np.int64),
        train=np.flatnonzero(subset == "train"),
        validation=np.flatnonzero(subset == "validation"),
        n_classes=len(run.classes()),
        device=setting.device,
        precision=setting.config.precision,
    )


def finish(
    run: runs.Run,
    status: report.Status,
    setting: Setting,
    store: pixels.Pixels,
    table: pd.DataFrame,
    judged: np.ndarray,
) -> None:
    """Let the best epoch answer the validation and test images, in fp32, and write down what it says."""
    model = outcome.load_model(run).to(setting.device).to(memory_format=torch.channels_last)
    progress = status_progress(run, status)
    scores = evaluate.logits(
        model,
        store,
        judged,
        setting.transform,
        device=setting.device,
        on_batch=lambda done: progress(done, len(judged), "Answering validation and test images"),
    )
    rows = table.iloc[judged]
    outcome.save_predictions(run, rows, scores)
    mine = (rows["subset"] == "validation").to_numpy()
    found = evaluate.figures(scores[mine], rows["class_index"].to_numpy(np.int64)[mine])
    found.pop("confusion")
    card = workspace.read_json(run.folder / "model.json")
    status.set(validation=found, best_epoch=card["epoch"], seconds_left=0.0, seconds=status.seconds())


def status_progress(run: runs.Run, status: report.Status) -> Any:
    """A progress callback that writes to the run's status, and stops where the person asks for it."""

    def tell(done: int, total: int, message: str) -> None:
        status.tick(done, total, f"{message}: {done} of {total}" if total else message)
        if asked := report.asked(run):
            raise report.Stopped(asked)

    return tell


def _again(
    run: runs.Run, record: dict[str, Any], config: configs.TrainingConfig, device: torch.device
) -> Setting:
    """The setting of a run that was begun before: nothing is chosen anew."""
    model = _network(config, record["classes"])
    chosen = record["chosen"]
    found = chosen["weights"]
    if not (run.folder / "checkpoint.pt").exists():
        weights.load_backbone(model, weights.resolve(config.weights, config.backbone))
        _take_head(config, model, record["classes"])
    return Setting(
        config=config,
        weights=found,
        transform=transforms.EvalTransform.from_dict(chosen["transform"]),
        model=model.to(device).to(memory_format=torch.channels_last),
        device=device,
    )


def _starting_weights(config: configs.TrainingConfig, status: report.Status) -> weights_files.Weights:
    """The weights that the configuration names, or those of the run that it starts from."""
    if config.start_from is None:
        return weights.resolve(
            config.weights, config.backbone, download=config.download, progress=status.tick
        )
    earlier = runs.load(config.start_from)
    card = workspace.read_json(earlier.folder / "model.json")
    transform = transforms.EvalTransform.from_dict(card["transform"])
    return dataclasses.replace(
        weights_files.from_file(str(earlier.folder / "model.safetensors")),
        origin=f"run {earlier.id}, epoch {card['epoch']} ({card['weights']['origin']})",
        image_size=card["image_size"],
        mean=transform.mean,
        std=transform.std,
    )


def _network(config: configs.TrainingConfig, classes: list[str]) -> network.Classifier:
    torch.manual_seed(config.seed)  # the head's first numbers, and the backbone's where no weights are loaded
    return network.Classifier(config.backbone, len(classes), config.image_size or 224)


def _take_head(config: configs.TrainingConfig, model: network.Classifier, classes: list[str]) -> None:
    """Keep the head too of a run that knew the same classes."""
    if config.start_from is None:
        return
    earlier = runs.load(config.start_from)
    if earlier.classes() == classes:
        model.classifier.load_state_dict(outcome.load_model(earlier).classifier.state_dict())


def _precision(config: configs.TrainingConfig, model: network.Classifier, device: torch.device) -> str:
    return devices.precision(config.precision, model, config.image_size or 224, device)
