"""A tiny dataset with a split, and settings that train on it in a second or two."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.data import datasets
from core.split import config as split_configs
from core.split import store as splits
from core.training import config as configs

Settings = Callable[..., configs.TrainingConfig]


@pytest.fixture
def settings(workspace: Path, tiny_folder: Path) -> Settings:
    """Makes configurations for the split "thirds" of dataset "tiny": 36 images of three classes."""
    dataset = datasets.add("tiny", tiny_folder)
    division = split_configs.SplitConfig(train=0.5, validation=0.25, test=0.25, group_by="none")
    splits.make("thirds", dataset, division)

    def make(**changes: Any) -> configs.TrainingConfig:
        small = {
            "backbone": "mobilenet_v3_small",
            "weights": "none",
            "image_size": 32,
            "epochs": 2,
            "batch_size": 8,
            "precision": "fp32",
            "threads": 1,
            "device": "cpu",
        }
        return configs.TrainingConfig(dataset="tiny", split="thirds", **(small | changes))

    return make
