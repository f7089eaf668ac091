"""The optimizer's groups and the learning rate at each step: both are functions, without state of their
own.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from core.model import network
from core.training import config as configs
from core.training import schedule as schedules


def build(model: network.Classifier, config: configs.TrainingConfig, *, head_steps: int) -> torch.optim.AdamW:
    """AdamW over the stages of `model`: earlier ones slower, norms and biases without weight decay.

    Each group carries `peak` (its rate at the schedule's top) and `start` (the step at which it sets off:
    the backbone waits for the head).
    """
    groups: list[dict[str, Any]] = []
    stages = network.stages(model)
    for depth, stage in enumerate(reversed(stages)):  # 0 is the head
        peak = config.learning_rate if depth == 0 else _backbone_rate(config, depth)
        for decays in (True, False):
            parameters = [p for p in stage if (p.ndim > 1) == decays]  # norms and biases are vectors
            if parameters:
                decay = config.weight_decay if decays else 0.0
                start = 0 if depth == 0 else head_steps
                groups.append({"params": parameters, "weight_decay": decay, "peak": peak, "start": start})
    return torch.optim.AdamW(groups, lr=0.0, fused=True)


def _backbone_rate(config: configs.TrainingConfig, depth: int) -> float:
    return (config.backbone_learning_rate or 0.0) * (config.layer_decay or 1.0) ** (depth - 1)


def set_rates(optimizer: torch.optim.Optimizer, step: int, total: int, schedule: str) -> float:
    """Set every group's rate for `step` of `total` (from 0); returns the head's."""
    for group in optimizer.param_groups:
        length = max(total - group["start"], 1)
        group["lr"] = group["peak"] * schedules.factor((step - group["start"]) / length, schedule)
    return float(optimizer.param_groups[0]["lr"])


def reserve(optimizer: torch.optim.Optimizer) -> None:
    """Take the memory that the next step needs, before it changes anything: as AdamW does, but for all
    groups at once.
    """
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if parameter.grad is not None and not optimizer.state[parameter]:
                optimizer.state[parameter] = {
                    "step": torch.zeros((), dtype=torch.float32, device=parameter.device),
                    "exp_avg": torch.zeros_like(parameter, memory_format=torch.preserve_format),
                    "exp_avg_sq": torch.zeros_like(parameter, memory_format=torch.preserve_format),
                }


def gradient_norm(parameters: Sequence[nn.Parameter], clip: float | None) -> Tensor:
    """The length of all gradients together, then cut to `clip`; no number if one of them is none."""
    if clip is not None:
        return nn.utils.clip_grad_norm_(parameters, clip)
    return nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])


def freeze(model: network.Classifier, *, stages_frozen: int) -> None:
    """Let the first `stages_frozen` stages keep their weights; the others learn."""
    for number, stage in enumerate(network.stages(model)):
        for parameter in stage:
            parameter.requires_grad_(number >= stages_frozen)


def frozen_stages(model: network.Classifier, choice: str, *, head_only: bool) -> int:
    """How many stages stay as they are: the backbone has all but the last of `network.stages`."""
    backbone = len(network.stages(model)) - 1
    if head_only or choice == "all":
        return backbone
    return backbone // 2 if choice == "stem" else 0


def set_mode(model: network.Classifier, *, batch_norm: str) -> None:
    """Training mode, except for what is frozen: BatchNorm on request, and every module without a learning
    weight.
    """
    model.train()
    for module in model.backbone.modules():
        own = list(module.parameters(recurse=False))
        is_norm = isinstance(module, nn.modules.batchnorm._BatchNorm)
        if is_norm and (batch_norm == "frozen" or not any(p.requires_grad for p in own)):
            module.eval()
    if not any(p.requires_grad for p in model.backbone.parameters()):
        model.backbone.eval()  # its dropout too: the head shall see what it will see later


def moving_statistics(model: nn.Module) -> list[Tensor]:
    """The running means and variances of the norms that are in training."""
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.training]
    kept = [value for norm in norms for value in (norm.running_mean, norm.running_var)]
    return [value for value in kept if value is not None]


def trainable(model: nn.Module) -> Sequence[nn.Parameter]:
    """The parameters that learn at present."""
    return [parameter for parameter in model.parameters() if parameter.requires_grad]
