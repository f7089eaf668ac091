"""What `None` in a configuration becomes: chosen once when a run starts, and stored with it."""

from collections.abc import Mapping

from core.model import weights_files
from core.training import config as configs

SMALL_CLASS_RATIO, BALANCE_RATIO = 1.5, 3.0


def fill(
    config: configs.TrainingConfig, weights: weights_files.Weights, counts: Mapping[str, int]
) -> configs.TrainingConfig:
    """Choose what was left open, from the weights and the training images of each class.

    Pretrained weights keep their BatchNorm statistics and move slowly: training those statistics on some
    hundred photos costs ten points of accuracy. Random ones have nothing to keep, and need more epochs.
    Where the largest class has three times the images of the smallest, the loss is weighed by class: unlike
    sampling it shows each image once an epoch, and unlike focusing it says which classes count more.
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
        "balance": "weights" if uneven(counts, BALANCE_RATIO) else "none",
        "metric": "macro_f1" if uneven(counts) else "accuracy",
        "batch_norm": "frozen" if pretrained else "train",
        "head_start": start,
        "head_epochs": 1 if pretrained and start == "random" else 0,
    }
    open_ = {key: value for key, value in chosen.items() if getattr(config, key) is None}
    filled = config.but(**open_)
    return filled.but(head_epochs=min(filled.head_epochs or 0, max((filled.epochs or 1) - 1, 0)))


def uneven(counts: Mapping[str, int], ratio: float = SMALL_CLASS_RATIO) -> bool:
    """Whether the largest class has more than `ratio` times the images of the smallest: from 1.5 on accuracy
    would mislead.
    """
    return max(counts.values()) > ratio * max(min(counts.values()), 1)
