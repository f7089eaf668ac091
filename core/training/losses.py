"""The loss of each image, for answers that are one class or a blend of two."""

import torch
import torch.nn.functional as F
from torch import Tensor

from core.training import config as configs


def of(scores: Tensor, truth: Tensor, weights: Tensor, config: configs.TrainingConfig) -> Tensor:
    """Cross-entropy of each image, (n,), smoothed, focused and weighted by class where asked.

    `scores` (n, n_classes); `truth` is (n,) class indices, or (n, n_classes) shares that add up to 1;
    `weights` (n_classes,). The loss of a blend is the blend of its classes' losses, each with its own weight
    and focus.
    """
    if truth.ndim == 1:
        losses = F.cross_entropy(scores, truth, reduction="none", label_smoothing=config.label_smoothing)
        if config.balance == "focal":
            losses = losses * (1 - torch.softmax(scores, 1).gather(1, truth[:, None])[:, 0]).square()
        return losses * weights[truth]
    logs = F.log_softmax(scores, 1)
    smooth = config.label_smoothing
    each = -(1 - smooth) * logs - smooth * logs.mean(1, keepdim=True)  # (n, n_classes): were it that class
    if config.balance == "focal":
        each = each * (1 - logs.exp()).square()
    return (truth * each * weights).sum(1)


def correct(scores: Tensor, truth: Tensor) -> Tensor:
    """How many answers are the class, or the stronger class of a blend: a scalar."""
    wanted = truth if truth.ndim == 1 else truth.argmax(1)
    return (scores.argmax(1) == wanted).sum()
