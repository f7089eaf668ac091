"""A quicker copy of a network for answering: BatchNorm folded into the convolutions, channels last."""

import copy
import warnings

import torch
from torch.fx.experimental import optimization

from core.model import network


def fuse(model: network.Classifier) -> network.Classifier:
    """A copy of `model` in evaluation mode that gives the same logits (to about 1e-6) with less arithmetic.

    Networks that torch.fx cannot trace are copied as they are.
    """
    quick = copy.deepcopy(model).requires_grad_(False).eval()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch.fx announces its own future
            quick.backbone = optimization.fuse(quick.backbone)
    except Exception:  # tracing fails in as many ways as there are networks; the plain copy answers alike
        quick = copy.deepcopy(model).requires_grad_(False).eval()
    return quick.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]
