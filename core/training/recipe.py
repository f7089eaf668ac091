"""What `None` in a configuration becomes: chosen once when a run starts, and stored with it."""

from collections.abc import Mapping

from core.model import weights_files
from core.training import config as configs

SMALL_CLASS_RATIO = 1.5


def fill(
    config: configs.TrainingConfig, weights: weights_files.Weights, counts: Mapping[str, int]
) -> configs.TrainingConfig:
    """Choose what was left open, from the weights and the training images of each class.

    Pretrained weights keep their BatchNorm statistics and move slowly: training those statistics on some
    hundred photos costs ten points of accuracy. Random ones have nothing to keep, and need more epochs.
    """
    pretrained, quick = weights.kind != "none", config.mode == "quick"
    start = config.head_start or "random"
    rates = {"backbone_learning_rate": 3e-5, "learning_rate": 5e-3} if pretrained else {}
    rates |= weights.defaults
    chosen = {
        "epochs": 1 if quick else 5 if pretrained else 20,
        "batch_size": 32,
        "learning_rate": rates.get("learning_rate", 1e-3),
        "backbone_learning_rate": rates.get("backbone_learning_rate", 1e-3),
        "layer_decay": 0.8 if pretrained else 1.0,
        "image_size": weights.image_size,
        "augment": "light",
        "metric": "macro_f1" if uneven(counts) else "accuracy",
        "batch_norm": "frozen" if pretrained else "train",
        "head_start": start,
        "head_epochs": 1 if pretrained and start == "random" else 0,
    }
    open_ = {key: value for key, value in chosen.items() if getattr(config, key) is None}
    filled = config.but(**open_)
    return filled.but(head_epochs=min(filled.head_epochs or 0, max((filled.epochs or 1) - 1, 0)))


def uneven(counts: Mapping[str, int]) -> bool:
    """Whether the largest class has so many images more than the smallest that accuracy would mislead."""
    return max(counts.values()) > SMALL_CLASS_RATIO * max(min(counts.values()), 1)
