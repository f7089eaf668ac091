"""What a run begins with: every open choice made once and stored, and the network with its weights."""

import collections
import dataclasses
from typing import Any

import pandas as pd
import torch

from core import progress as progresses
from core import runs, workspace
from core.model import network, weights, weights_files
from core.model import transform as transforms
from core.training import config as configs
from core.training import device as devices
from core.training import journal, outcome, recipe, report


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """What was chosen for a run, and the network that it begins with."""

    config: configs.TrainingConfig
    weights: dict[str, Any]
    transform: transforms.EvalTransform
    model: network.Classifier
    device: torch.device


def settle(run: runs.Run, status: report.Status, device: torch.device) -> Setting:
    """Choose everything that the run's configuration leaves open, store it, and build the network."""
    record = run.config()
    config = configs.TrainingConfig.from_dict(record)
    if "chosen" in record:
        return _again(run, record, config, device)
    setting = choose(config, run.manifest(), run.classes(), device, report.stoppable(status))
    chosen = {
        "weights": setting.weights,
        "transform": setting.transform.to_dict(),
        "environment": outcome.environment(),
    }
    workspace.write_json(run.folder / "config.json", record | setting.config.to_dict() | {"chosen": chosen})
    status.set(weights=setting.weights)
    for line in journal.chosen(setting.config.to_dict(), setting.weights):
        status.log(line)
    return setting


def choose(
    config: configs.TrainingConfig,
    table: pd.DataFrame,
    classes: list[str],
    device: torch.device,
    progress: progresses.Progress,
) -> Setting:
    """Choose everything that `config` leaves open for the images of a manifest, and build the network."""
    progress(0, 0, "Looking for pretrained weights")
    found = source(config, progress)
    config = recipe.fill(config, found, collections.Counter(table["label"][table["subset"] == "train"]))
    model = _network(config, classes)
    weights.load_backbone(model, found)
    _take_head(config, model, classes)
    model = model.to(device).to(memory_format=torch.channels_last)
    progress(0, 0, "Measuring which precision is faster")
    config = config.but(
        threads=torch.get_num_threads(),
        device=device.type if config.device == "auto" else config.device,
        precision=devices.precision(config.precision, model, config.image_size or 224, device),
        weights=found.kind if config.weights == "auto" and config.start_from is None else config.weights,
    )
    transform = transforms.EvalTransform.for_size(config.image_size or 224, found.mean, found.std)
    return Setting(config=config, weights=found.record(), transform=transform, model=model, device=device)


def _again(
    run: runs.Run, record: dict[str, Any], config: configs.TrainingConfig, device: torch.device
) -> Setting:
    """The setting of a run that was begun before: nothing is chosen anew."""
    model = _network(config, record["classes"])
    chosen = record["chosen"]
    found = chosen["weights"]
    if not (run.folder / "checkpoint.pt").exists():
        weights.load_backbone(model, source(config, progresses.silent))
        _take_head(config, model, record["classes"])
    return Setting(
        config=config,
        weights=found,
        transform=transforms.EvalTransform.from_dict(chosen["transform"]),
        model=model.to(device).to(memory_format=torch.channels_last),
        device=device,
    )


def source(config: configs.TrainingConfig, progress: progresses.Progress) -> weights_files.Weights:
    """The weights that the configuration names, or those of the run that it starts from."""
    if config.start_from is None:
        return weights.resolve(config.weights, config.backbone, download=config.download, progress=progress)
    earlier = runs.load(config.start_from)
    card = earlier.model_card()
    transform = transforms.EvalTransform.from_dict(card["transform"])
    return dataclasses.replace(
        weights_files.from_file(str(earlier.folder / "model.safetensors")),
        origin=f"run {earlier.id}, epoch {card['epoch']} ({card['weights']['origin']})",
        image_size=card["image_size"],
        mean=transform.mean,
        std=transform.std,
        defaults=card["weights"].get("defaults") or weights_files.PRETRAINED_RATES,
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
