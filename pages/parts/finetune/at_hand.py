"""The weights that a run would really start from, told from what lies on this disk."""

from __future__ import annotations

import dataclasses

from core import errors, runs
from core.model import weights_files, weights_menu
from core.training import config as configs

RATES = weights_files.PRETRAINED_RATES


def weights(config: configs.TrainingConfig) -> weights_files.Weights:
    """The weights for `config`; none where they cannot be had, for which `problem` has the sentence."""
    try:
        return _found(config)
    except errors.FieldguideError:
        return weights_files.none()


def problem(config: configs.TrainingConfig) -> str:
    """Why the weights for `config` cannot be had; empty where they can."""
    try:
        _found(config)
    except errors.FieldguideError as error:
        return str(error)
    return ""


def _found(config: configs.TrainingConfig) -> weights_files.Weights:
    if config.start_from:
        return _of_run(config.start_from)
    if config.download and config.weights in ("auto", "imagenet"):
        return dataclasses.replace(weights_files.none(), kind="imagenet", image_size=224, defaults=RATES)
    choices = {choice.spec: choice for choice in weights_menu.available(config.backbone) if choice.ready}
    spec = config.weights if config.weights != "auto" else next(iter(choices))
    if spec == "imagenet":
        return weights_files.imagenet(config.backbone) or weights_files.none()
    if spec in ("starter", "none"):
        return weights_files.starter() if spec == "starter" else weights_files.none()
    return weights_files.from_file(spec)


def _of_run(run_id: str) -> weights_files.Weights:
    """The best weights of a run, with the size and the rates that suited those it started from."""
    run = runs.load(run_id)
    record = run.status().get("weights") or {}
    return dataclasses.replace(
        weights_files.none(),
        kind="run",
        image_size=run.config().get("image_size") or 224,
        defaults=record.get("defaults") or RATES,
    )
