"""What a person may choose about a run. `None` means: choose for me, once, when the run starts."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal, get_args

from core import errors

Mode = Literal["full", "quick"]
Augment = Literal["none", "light", "strong", "randaugment"]
Mix = Literal["none", "mixup", "cutmix"]
Balance = Literal["none", "weights", "sampler", "focal"]
Metric = Literal["accuracy", "balanced_accuracy", "macro_f1", "loss"]
Freeze = Literal["none", "stem", "all"]
BatchNorm = Literal["frozen", "train"]
HeadStart = Literal["fit", "random"]
Schedule = Literal["one-cycle", "cosine", "constant"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
Switch = Literal["off", "on"]

CHOICES: dict[str, tuple[str, ...]] = {
    "mode": get_args(Mode),
    "augment": get_args(Augment),
    "mix": get_args(Mix),
    "balance": get_args(Balance),
    "metric": get_args(Metric),
    "freeze": get_args(Freeze),
    "batch_norm": get_args(BatchNorm),
    "head_start": get_args(HeadStart),
    "schedule": get_args(Schedule),
    "precision": get_args(Precision),
    "progressive": get_args(Switch),
    "compile": get_args(Switch),
}
"""The values that each named setting accepts."""

NOT_QUICK = {"balance": ("focal",)}
"""Of those, the ones that only the finetuning of the whole network knows."""

RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 1000),
    "batch_size": (1, 4096),
    "learning_rate": (1e-8, 10.0),
    "backbone_learning_rate": (0.0, 10.0),
    "layer_decay": (0.01, 1.0),
    "weight_decay": (0.0, 1.0),
    "image_size": (32, 1024),
    "early_stop": (1, 1000),
    "head_epochs": (0, 1000),
    "label_smoothing": (0.0, 0.9),
    "clip": (1e-6, 1e6),
    "ema": (0.5, 0.99999),
    "seed": (0, 2**31 - 1),
    "threads": (1, 1024),
    "views": (1, 16),
    "folds": (2, 20),
}
"""The smallest and the largest value that each number accepts."""

HELP: dict[str, str] = {
    "mode": "full finetunes the whole network; quick keeps the backbone as it is and trains only the head, "
    "in seconds.",
    "backbone": "The network that turns an image into features; larger ones are slower and often a little "
    "better.",
    "weights": "What the backbone has learned before: auto takes the best that is on this machine.",
    "epochs": "How often every training image is seen; more helps until validation stops getting better.",
    "batch_size": "Images in one step; halve it when memory runs out.",
    "learning_rate": "How far the head moves at each step; lower it when the loss jumps about.",
    "backbone_learning_rate": "How far the backbone moves; keep it far below the head's, so that it does "
    "not forget.",
    "layer_decay": "How much slower each earlier stage of the backbone moves than the next; 1 moves all "
    "alike.",
    "weight_decay": "Pulls weights towards zero; raise it a little when a large model over-fits.",
    "image_size": "Side of the square that the model sees, in pixels; larger shows finer detail and costs "
    "its square.",
    "augment": "Alters training images at random, so that the model learns what stays; strong suits few "
    "images, randaugment (two of ten kinds of change in each) a model that still over-fits. Quick mode "
    "alters its views above the first.",
    "mix": "Teaches on blends of two images: mixup fades one into the other, cutmix pastes a piece of one "
    "into the other; for long runs that over-fit.",
    "balance": "Lets small classes count as much as large ones: by weight, by sampling, or by focusing on "
    "hard images; weights is suggested once the largest class has three times the images of the smallest. In "
    "quick mode sampling weighs, and focal is not offered.",
    "metric": "Full mode: what decides which epoch is the best one; macro F1 when small classes matter as "
    "much as large ones.",
    "early_stop": "Stops when that many epochs in a row bring nothing better; empty trains them all.",
    "freeze": "Which part of the backbone stays as it is: none of it, its first half, or all of it.",
    "batch_norm": "frozen keeps the statistics of the pretrained weights, right below some thousand images.",
    "schedule": "How the learning rate rises and falls over the run; one-cycle needs no care.",
    "head_start": "fit gives the first epoch the best head for the frozen backbone; random has it learned.",
    "head_epochs": "Epochs at the start in which only the head learns, so that a raw head cannot spoil the "
    "backbone.",
    "label_smoothing": "Keeps the model from being too sure; 0.1 suits labels that may hold mistakes.",
    "clip": "The longest step's gradient is cut to this length; set it to 1 when the loss jumps.",
    "seed": "The same seed gives the same run on the same machine.",
    "device": "Where to compute: auto takes a GPU if there is one.",
    "ema": "Judges and keeps a running average of the weights instead of the last ones; 0.99 steadies a run "
    "whose validation figures jump about.",
    "progressive": "Shows smaller images in the first epochs and full ones in the last: about 30 % less "
    "time; try it when a run takes long. Transformers keep their one size.",
    "compile": "Has torch compile the network before the first step: that takes a minute or two, and pays in "
    "long runs, mostly on a GPU.",
    "precision": "auto takes bf16 where a short measurement says that it is faster.",
    "threads": "Processor threads to use; empty takes what the machine has.",
    "folds": "Quick mode and forecast: parts of the cross-validation; more judge a little better and take "
    "longer. A class with fewer images allows fewer.",
    "views": "Quick mode: how many augmented views of each training image the head sees; 1 is the image "
    "itself.",
}
"""One sentence for each setting: what it does and when to touch it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """The configuration of one run.

    Rates are AdamW's at the schedule's peak; `image_size` is in pixels; `clip` is a gradient norm.

    Raises:
        ConfigError: a value is out of range or none of the accepted ones.
    """

    dataset: str
    split: str
    mode: Mode = "full"
    backbone: str = "resnet18"
    weights: str = "auto"
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    backbone_learning_rate: float | None = None
    layer_decay: float | None = None
    weight_decay: float = 0.01
    image_size: int | None = None
    augment: Augment | None = None
    mix: Mix = "none"
    balance: Balance | None = None
    metric: Metric | None = None
    early_stop: int | None = None
    freeze: Freeze = "none"
    batch_norm: BatchNorm | None = None
    schedule: Schedule = "one-cycle"
    head_start: HeadStart | None = None
    head_epochs: int | None = None
    label_smoothing: float = 0.05
    clip: float | None = None
    ema: float | None = None
    progressive: Switch = "off"
    compile: Switch = "off"
    seed: int = 0
    device: str = "auto"
    precision: Precision = "auto"
    threads: int | None = None
    views: int = 1
    folds: int = 5
    download: bool = False
    start_from: str | None = None
    name: str | None = None
    note: str = ""
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field, accepted in CHOICES.items():
            _check_choice(field, getattr(self, field), accepted)
        for field, (low, high) in RANGES.items():
            _check_number(field, getattr(self, field), low, high, whole=_is_whole(field))
        if not self.device or not _is_device(self.device):
            raise errors.ConfigError(
                f"device is {self.device!r}; it is auto, cpu, cuda, cuda:0 (and so on) or mps."
            )
        _check_quick(self)
        object.__setattr__(self, "tags", tuple(self.tags))

    def to_dict(self) -> dict[str, Any]:
        """Every setting, as JSON can hold it."""
        return dataclasses.asdict(self) | {"tags": list(self.tags)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "TrainingConfig":
        """The configuration in a run's `config.json`; what else lies there is left aside."""
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(**{key: value for key, value in record.items() if key in known})

    def but(self, **changes: Any) -> "TrainingConfig":
        """A copy with some settings changed, checked anew."""
        return dataclasses.replace(self, **changes)


def accepted(field: str, mode: str) -> tuple[str, ...]:
    """The values that a named setting accepts in a mode."""
    left_out = NOT_QUICK.get(field, ()) if mode == "quick" else ()
    return tuple(value for value in CHOICES[field] if value not in left_out)


def _check_quick(config: TrainingConfig) -> None:
    for field in NOT_QUICK if config.mode == "quick" else ():
        value = getattr(config, field)
        if value is not None and value not in accepted(field, config.mode):
            raise errors.ConfigError(
                f"{field} is {value!r}, which quick mode does not know; there it is one of "
                f"{', '.join(accepted(field, config.mode))}. Choose one of these, or mode full."
            )


def refused(field: str, value: Any) -> str:
    """Why a number is not accepted for a setting, in a sentence; empty where it is, or where it is None."""
    if field not in RANGES or value is None:
        return ""
    low, high = RANGES[field]
    return "" if low <= value <= high else f"{value:g} is not from {low:g} to {high:g}."


def _is_whole(field: str) -> bool:
    """Whether a setting counts something."""
    return field in (
        "epochs",
        "batch_size",
        "image_size",
        "early_stop",
        "head_epochs",
        "seed",
        "threads",
        "views",
        "folds",
    )


def _is_device(text: str) -> bool:
    kind, _, index = text.partition(":")
    return text in ("auto", "cpu", "mps", "cuda") or (kind == "cuda" and index.isdigit())


def _check_choice(field: str, value: str | None, accepted: Sequence[str]) -> None:
    if value is not None and value not in accepted:
        raise errors.ConfigError(f"{field} is {value!r}; it is one of {', '.join(accepted)}.")


def _check_number(field: str, value: float | None, low: float, high: float, *, whole: bool) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise errors.ConfigError(
            f"{field} is {value!r}; it is a {'whole ' if whole else ''}number from {low:g} to {high:g}."
        )
    if not low <= value <= high:  # also refuses NaN, which compares false
        raise errors.ConfigError(f"{field} is {value:g}; it is from {low:g} to {high:g}.")
