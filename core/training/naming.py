"""The settings of a run as people read them: their names, their order, and which of them have an effect.

The same on the pages and in the report.
"""

from typing import Any

from core.model import catalog

TITLES = {
    "dataset": "Dataset",
    "dataset_version": "Version of the dataset",
    "split": "Split",
    "mode": "Way to train",
    "start_from": "Goes on from run",
    "download": "Download of weights allowed",
    "backbone": "Model",
    "weights": "Weights",
    "freeze": "Keep unchanged",
    "batch_norm": "Batch normalisation",
    "epochs": "Epochs",
    "batch_size": "Batch size",
    "learning_rate": "Learning rate, head",
    "backbone_learning_rate": "Learning rate, backbone",
    "layer_decay": "Earlier stages' share of the rate",
    "weight_decay": "Weight decay",
    "schedule": "Schedule",
    "head_start": "The head begins",
    "head_epochs": "First epochs for the head alone",
    "early_stop": "Stop early after",
    "metric": "Best epoch by",
    "image_size": "Image size",
    "augment": "Augmentation",
    "mix": "Blended images",
    "balance": "Uneven classes",
    "label_smoothing": "Label smoothing",
    "clip": "Limit on each step",
    "ema": "Average of the weights",
    "progressive": "Start with small images",
    "compile": "Compile the network",
    "seed": "Seed",
    "device": "Device",
    "precision": "Precision",
    "threads": "Processor threads",
    "views": "Views per image",
    "folds": "Folds of the cross-validation",
}
CHOICES = {
    "quick": "Quick",
    "full": "Full",
    "none": "None",
    "light": "Light",
    "strong": "Strong",
    "randaugment": "RandAugment",
    "mixup": "MixUp",
    "cutmix": "CutMix",
    "off": "Off",
    "on": "On",
    "weights": "Weight the loss",
    "sampler": "Sample evenly",
    "focal": "Focus on hard images",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro F1",
    "loss": "Loss",
    "stem": "First half",
    "all": "All but the head",
    "frozen": "Frozen",
    "train": "Trained",
    "one-cycle": "One cycle",
    "cosine": "Cosine",
    "constant": "Constant",
    "fit": "Fitted to the frozen backbone",
    "random": "At random",
    "auto": "Automatic",
    "cpu": "Processor",
    "cuda": "Graphics card",
    "mps": "Apple's graphics",
}
GROUPS = {
    "Model": ("backbone", "weights", "freeze", "batch_norm"),
    "Training": (
        "epochs",
        "batch_size",
        "metric",
        "learning_rate",
        "backbone_learning_rate",
        "schedule",
        "early_stop",
        "folds",
    ),
    "Images": ("image_size", "augment", "mix", "balance", "views", "progressive"),
    "Further": (
        "layer_decay",
        "weight_decay",
        "label_smoothing",
        "head_start",
        "head_epochs",
        "clip",
        "ema",
    ),
    "Machine": ("seed", "device", "precision", "threads", "compile"),
}
QUICK = frozenset(
    {
        "backbone",
        "weights",
        "image_size",
        "augment",
        "balance",
        "views",
        "folds",
        "seed",
        "device",
        "precision",
        "threads",
    }
)
"""The settings that mean something when only the head is trained."""
ONLY_QUICK = frozenset({"views"})


def title(field: str) -> str:
    """ "backbone_learning_rate" -> "Learning rate, backbone"; an unknown field in plain letters."""
    return TITLES.get(field, field.replace("_", " ").capitalize())


def said(field: str, value: Any) -> str:
    """A setting's value as a person reads it; None is "none"."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if field == "backbone" and value in catalog.BACKBONES:
        return catalog.BACKBONES[value].title
    if field == "weights":
        return WEIGHTS.get(value, f"weights from {value}")
    return CHOICES.get(str(value), str(value))


def given(config: dict[str, Any]) -> list[tuple[str, str]]:
    """Title and value of every setting that had an effect, in the order of the form, after dataset and split;
    what was off is left out.
    """
    fields = in_effect(config.get("mode", "full"), views=config.get("views") or 1)
    shown = [one for one in fields if config.get(one) not in OFF.get(one, (None, "off", "none"))]
    return [(title(one), said(one, config[one])) for one in ("dataset", "split", *shown) if config.get(one)]


OFF = {"weights": (None,), "views": (None, 1)}
"""Values that mean that nothing was done; of the other settings these are None, "off" and "none"."""
WEIGHTS = {
    "auto": "best weights at hand",
    "imagenet": "ImageNet weights",
    "starter": "starter weights",
    "none": "random weights",
}


def every() -> list[str]:
    """All settings, in the order of the form."""
    return [field for group in GROUPS.values() for field in group]


def in_effect(mode: str, *, views: int) -> list[str]:
    """The settings that have an effect in `mode`, in the order of the form; quick mode alters only its views
    above the first.
    """
    if mode == "full":
        return [field for field in every() if field not in ONLY_QUICK]
    return [field for field in every() if field in QUICK and (field != "augment" or views > 1)]
