"""The settings of a run as the form orders and names them, and which of them have an effect."""

TITLES = {
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
GROUPS = {
    "Model": ("backbone", "weights", "freeze", "batch_norm"),
    "Training": (
        "epochs",
        "batch_size",
        "metric",
        "learning_rate",
        "backbone_learning_rate",
        "layer_decay",
        "schedule",
        "head_start",
        "head_epochs",
        "early_stop",
        "weight_decay",
        "label_smoothing",
        "clip",
        "folds",
        "ema",
    ),
    "Images": ("image_size", "augment", "mix", "balance", "views", "progressive"),
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
CHOICES = {
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


def in_effect(mode: str, *, views: int) -> list[str]:
    """The settings that have an effect in `mode`, in the order of the form; quick mode alters only its views
    above the first.
    """
    every = [field for group in GROUPS.values() for field in group]
    if mode == "full":
        return [field for field in every if field not in ONLY_QUICK]
    return [field for field in every if field in QUICK and (field != "augment" or views > 1)]
